// writeTo: a handler that writes faster than its client reads is blocked, and let go when the client has gone.
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { run, spawn } from 'verdant';
import { greenHandler, writeTo } from 'verdant/http';
import { code, thrown } from '../../core/thrown';
import { errorOf, turnOfTheHub } from '../../bridge/support/outcome';
import { serving, stopServing } from './support/serving';

afterEach(stopServing);

const chunk = Buffer.alloc(65_536, 'x');

describe('writeTo', () => {
  it('blocks while the client does not read, and ends with the whole answer', async () => {
    let written = 0;
    let most = 0;
    const server = createServer(
      greenHandler((_req, res: ServerResponse) => {
        for (let i = 0; i < 300; i += 1) {
          writeTo(res, chunk);
          written += chunk.length;
          most = Math.max(most, res.writableLength);
        }
        res.end();
      }),
    );
    const asked = get(await serving(server), { agent: false });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    let read = 0;
    for await (const piece of response as AsyncIterable<Buffer>) read += piece.length;
    expect([read, written]).toEqual([300 * chunk.length, 300 * chunk.length]);
    expect(most).toBeLessThan(2 * chunk.length);
  });

  it('throws when the client goes away', async () => {
    let ended: (error: unknown) => void;
    const outcome = new Promise((resolve) => (ended = resolve));
    const server = createServer(
      greenHandler((_req, res: ServerResponse) => {
        try {
          for (;;) writeTo(res, chunk);
        } catch (error) {
          ended(error);
        }
      }),
    );
    const asked = get(await serving(server), { agent: false });
    await once(asked, 'response');
    asked.destroy();
    expect(await outcome).toEqual(code('ERR_VERDANT_CLOSED'));
  });

  it('throws the error that destroys the stream', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const writer = spawn(() => writeTo(stream, 'x'));
    await turnOfTheHub();
    stream.destroy(new Error('broken'));
    await expect(writer).rejects.toThrow('broken');
  });

  it('leaves no listener behind, however it ends', async () => {
    const stream = new Writable({ highWaterMark: 1, write: () => undefined });
    expect(await errorOf(() => writeTo(stream, 'x', { timeout: 1 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
    const killed = spawn(() => writeTo(stream, 'y'));
    await turnOfTheHub();
    killed.kill();
    await killed.catch(() => undefined);
    expect(['drain', 'close', 'error'].map((event) => stream.listenerCount(event))).toEqual([0, 0, 0]);
  });

  it('refuses what is closed, what is no stream, and a caller that cannot block', async () => {
    const stream = new PassThrough();
    expect(thrown(() => writeTo(stream, 'x'))).toEqual(code('ERR_VERDANT_NOT_GREEN'));
    expect(thrown(() => writeTo({} as never, 'x'))).toEqual(code('ERR_INVALID_ARG_TYPE'));
    stream.end();
    expect(await errorOf(() => writeTo(stream, 'x'))).toEqual(code('ERR_VERDANT_CLOSED'));
    stream.resume();
    await run(() => undefined);
  });
});
