// killOnClose: when the client goes away its handler is killed, quietly; without it the handler goes on, as elsewhere in Node.
import { createServer, request, type RequestListener } from 'node:http';
import { Event, run, sleep } from 'verdant';
import { greenHandler } from 'verdant/http';
import { ask } from './support/ask';
import { serving, stopServing } from './support/serving';

afterEach(stopServing);

/** A server whose handler waits for ever, or until `go`; and a client that leaves when the handler has begun. */
async function abandoned(
  options: Parameters<typeof greenHandler>[1],
  prepare?: (listener: RequestListener) => RequestListener,
) {
  const log: string[] = [];
  const [begun, go, over] = [new Event(), new Event(), new Event()];
  const listener: RequestListener = greenHandler((_req, res) => {
    begun.send();
    try {
      go.wait();
      res.end('lost');
      log.push('went on');
    } catch (error) {
      log.push((error as { code: string }).code);
      throw error;
    } finally {
      over.send();
    }
  }, options);
  const url = await serving(createServer(prepare?.(listener) ?? listener));
  const asked = request(url, { agent: false }).end();
  asked.on('error', () => undefined);
  await run(() => begun.wait());
  asked.destroy();
  return { log, go, over };
}

describe('killOnClose', () => {
  it('kills the handler of a client that has gone, and tells nobody', async () => {
    const { log, over } = await abandoned({ killOnClose: true, onError: () => log.push('told') });
    await run(() => over.wait());
    expect(log).toEqual(['ERR_VERDANT_KILLED']);
  });

  it('is off by default: the handler goes on', async () => {
    let gone: () => void;
    const closed = new Promise<void>((resolve) => (gone = resolve));
    const { log, go, over } = await abandoned({}, (listener) => (req, res) => {
      res.on('close', () => gone());
      listener(req, res);
    });
    await closed;
    go.send();
    await run(() => over.wait());
    expect(log).toEqual(['went on']);
  });

  it('lets a handler go on that has answered', async () => {
    let after = '';
    const over = new Event();
    const handler = greenHandler(
      (_req, res) => {
        res.end('answered');
        sleep(20);
        after = 'went on';
        over.send();
      },
      { killOnClose: true },
    );
    const { body } = await ask(await serving(createServer(handler)));
    await run(() => over.wait());
    expect([body, after]).toEqual(['answered', 'went on']);
  });

  it('does not begin a handler that waits for its turn', async () => {
    const log: string[] = [];
    const [begun, go] = [new Event(), new Event()];
    const handler = greenHandler(
      (req, res) => {
        log.push(req.url);
        begun.send();
        go.wait();
        res.end('done');
      },
      { killOnClose: true, concurrency: 1 },
    );
    const [queued, gone] = [new Event(), new Event()];
    const server = createServer((req, res) => {
      handler(req, res);
      if (req.url !== '/waits') return;
      res.once('close', () => gone.send());
      queued.send();
    });
    const url = await serving(server);
    const first = ask(`${url}/first`);
    await run(() => begun.wait());
    const second = request(`${url}/waits`, { agent: false }).end();
    second.on('error', () => undefined);
    await run(() => queued.wait());
    const third = ask(`${url}/third`, {}).catch((error: unknown) => error);
    second.destroy();
    await run(() => gone.wait());
    begun.reset();
    go.send();
    expect(await first).toMatchObject({ body: 'done' });
    expect(await third).toMatchObject({ body: 'done' });
    expect(log).toEqual(['/first', '/third']);
  });

  it('rejects the promise of a handler that is awaited', async () => {
    const response = Object.assign(new (require('node:events').EventEmitter)(), { writeHead() {}, destroyed: false });
    const [begun] = [new Event()];
    const handler = greenHandler(
      (_request: unknown, _reply: { raw: unknown }) => {
        begun.send();
        sleep(60_000);
      },
      { killOnClose: true },
    );
    const outcome = handler({}, { raw: response });
    await run(() => begun.wait());
    response.emit('close');
    await expect(outcome).rejects.toMatchObject({ code: 'ERR_VERDANT_KILLED' });
  });
});
