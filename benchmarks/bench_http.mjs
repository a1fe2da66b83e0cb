// HTTP servers: hello world, an echo of JSON, and a handler that blocks once; verdant/http on each hub and greenHandler
// against node:http, Fastify, eventlet.wsgi, gevent.pywsgi and Go.
// Own arguments: --workloads hello,echo,block --connections 50,1000 --only node:http,verdant,Go --seconds 3 --warmup 1.
import { parseArgs } from 'node:util';
import { needDebian } from '../scripts/lib/debian.mjs';
import { Failure } from '../scripts/lib/run.mjs';
import { withServer } from './lib/echo_run.mjs';
import { httpBars } from './lib/http_bars.mjs';
import { load } from './lib/http_load.mjs';
import { onEachNode, strangers } from './lib/http_peers.mjs';
import { httpTables } from './lib/http_tables.mjs';
import { check, workloads } from './lib/http_workloads.mjs';

export async function bench({ nodes, rounds = 5, args }) {
  const { values } = parseArgs({
    args,
    options: {
      workloads: { type: 'string', default: Object.keys(workloads).join() },
      connections: { type: 'string', default: '50,1000' },
      only: { type: 'string', default: '' },
      seconds: { type: 'string', default: '3' },
      warmup: { type: 'string', default: '1' },
    },
  });
  await needDebian('bench');
  const names = values.workloads.split(',');
  const unknown = names.find((name) => !Object.hasOwn(workloads, name));
  if (unknown !== undefined) throw new Failure(`--workloads: ${Object.keys(workloads).join()}, not '${unknown}'`);
  const { seconds, warmup } = values;
  const loads = names.flatMap((workload) =>
    values.connections.split(',').map((connections) => ({
      workload,
      connections,
      title: `${workloads[workload].title}, ${connections} connections`,
    })),
  );
  const wanted = values.only.split(',');
  const takingPart = [...nodes.map(onEachNode), await strangers()];
  const peersOf = (workload) =>
    takingPart.flatMap((peers) => peers[workload]).filter(({ name }) => wanted.some((part) => name.includes(part)));

  /** @type {Record<string, Record<string, object[]>>} by load, by peer: one result each round */
  const results = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const { title, workload, connections } of loads) {
      for (const { name, start } of peersOf(workload)) {
        const result = await withServer({ name, ...start(workload) }, async (server) => {
          await check(server.port, workload);
          return load(server, workloads[workload], { connections, seconds, warmup });
        });
        ((results[title] ??= {})[name] ??= []).push(result);
      }
    }
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  for (const { title } of loads.filter((each) => each.title in results)) {
    console.log(`\n${title}`);
    httpTables(results[title]);
  }
  console.log('\nbars');
  console.table(httpBars(loads, results));
}
