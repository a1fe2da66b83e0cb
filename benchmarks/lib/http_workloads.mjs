// What the HTTP servers are asked for, and how to see that they do it.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** An object of which the JSON has 1,024 bytes. Go sorts the keys, so they are sorted here. */
function document(seed) {
  const items = Array.from({ length: 12 }, (_, index) => ({
    available: index % 2 === 0,
    id: seed * 1000 + index,
    name: `item number ${seed}-${index}`,
    price: index + 0.25,
  }));
  const value = { items, note: '' };
  value.note = 'x'.repeat(1024 - JSON.stringify(value).length);
  return JSON.stringify(value);
}

export const workloads = {
  hello: { title: 'hello world', method: 'GET', type: /^text\/plain/ },
  echo: { title: 'echo of 1 KiB of JSON', method: 'POST', body: document(1), type: /^application\/json/ },
  block: { title: 'a handler that blocks once', method: 'GET', type: /^text\/plain/ },
};

async function ask(agent, port, method, body) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const sent = request({ agent, host: '127.0.0.1', port, method, headers });
  if (body !== undefined) sent.write(body.slice(0, 100)); // in two pieces: the server has to wait for the second
  if (body === undefined) sent.end();
  else setImmediate(() => sent.end(body.slice(100)));
  const [response] = await once(sent, 'response');
  return {
    status: response.statusCode,
    headers: response.headers,
    body: await text(response),
    again: sent.reusedSocket,
  };
}

/** Throws unless the server answers as it should, on one connection, with the headers that every server must send. */
export async function check(port, name) {
  const { method, type } = workloads[name];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (const count of [1, 2, 3]) {
      const body = name === 'echo' ? document(count) : undefined;
      const answer = await ask(agent, port, method, body);
      assert.equal(answer.status, 200);
      assert.match(answer.headers['content-type'], type);
      assert.ok(Math.abs(Date.parse(answer.headers.date) - Date.now()) < 5000, `date: ${answer.headers.date}`);
      assert.equal(answer.again, count > 1, 'keep-alive');
      if (name === 'echo') assert.deepEqual(JSON.parse(answer.body), JSON.parse(body));
      else assert.equal(answer.body, 'Hello, world!\n');
    }
  } finally {
    agent.destroy();
  }
}
