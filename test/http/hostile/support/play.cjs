// Sends one entry to a server and says what came of it.
const { RawClient, turns } = require('./raw_client.cjs');

/** Sent behind every entry: it is answered if the connection goes on, and must not even be looked at if it does not. */
const control = 'GET /control HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

/** What the handler of such a server notes; one for each connection that is played. */
class Record {
  handled = [];
  halfHandled = 0;
  /** Handlers that are at work. */
  running = 0;

  clear() {
    this.handled = [];
    this.halfHandled = 0;
  }
}

/**
 * @param target - where the server listens
 * @param entry - what to send
 * @param record - what its handler writes to
 * @param inPieces - how to cut the bytes; what it returns is sent one by one
 */
async function play(target, entry, record, inPieces) {
  record.clear();
  const bytes = typeof entry.bytes === 'function' ? entry.bytes() : entry.bytes;
  const client = await RawClient.connect(target);
  try {
    await client.deliver(inPieces(entry.ends ? bytes : bytes + control));
    if (entry.ends) client.end();
    const responses = await client.allResponses();
    const final = responses.filter(({ status }) => status >= 200);
    const controlled = final.at(-1)?.body === 'control';
    if (controlled) final.pop();
    for (let turn = 0; turn < 1000 && record.running > 0; turn += 1) await turns(1);
    if (record.running > 0) throw new Error('a handler is still at work when its connection is over');
    return {
      answers: final.map(({ status }) => status),
      closes: !controlled,
      continues: responses.some(({ status }) => status === 100),
      handled: record.handled.filter(({ url }) => url !== '/control'),
      halfHandled: record.halfHandled,
    };
  } finally {
    client.destroy();
  }
}

module.exports = { Record, play };
