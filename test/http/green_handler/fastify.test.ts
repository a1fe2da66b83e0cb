// greenHandler in Fastify 5: handlers and hooks that block; a handler's result is the answer, its error is Fastify's.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { getCurrent, Queue, run, sleep, spawn, wait } from 'verdant';
import { greenHandler } from 'verdant/http';
import { ask } from './support/ask';

let app: FastifyInstance;

beforeEach(() => {
  app = fastify({ forceCloseConnections: true });
});
afterEach(() => app.close());

function listening(): Promise<string> {
  return app.listen({ port: 0, host: '127.0.0.1' });
}

describe('Fastify', () => {
  it('sends what a handler returns that has blocked', async () => {
    const work = new Queue<string>();
    app.get(
      '/:name',
      greenHandler((request: FastifyRequest) => {
        sleep(1);
        spawn(() => work.put((request.params as { name: string }).name));
        return { name: work.get(), later: wait(Promise.resolve(2)), green: getCurrent() !== null };
      }),
    );
    const { status, body } = await ask(`${await listening()}/ann`);
    expect([status, JSON.parse(body)]).toEqual([200, { name: 'ann', later: 2, green: true }]);
  });

  it('has handlers that answer by their reply', async () => {
    app.get(
      '/',
      greenHandler((_request: FastifyRequest, reply: FastifyReply) => {
        sleep(1);
        reply.code(201).header('x-green', 'yes');
        return reply.send('made');
      }),
    );
    expect(await ask(await listening())).toMatchObject({ status: 201, body: 'made', headers: { 'x-green': 'yes' } });
  });

  it('gets what a handler throws', async () => {
    app.get(
      '/',
      greenHandler((_request: FastifyRequest) => {
        sleep(1);
        throw Object.assign(new Error('no'), { statusCode: 418 });
      }),
    );
    const { status, body } = await ask(await listening());
    expect([status, JSON.parse(body)]).toEqual([418, expect.objectContaining({ message: 'no' })]);
  });

  it('has hooks that block', async () => {
    app.addHook(
      'preHandler',
      greenHandler((_request: FastifyRequest, reply: FastifyReply) => {
        sleep(1);
        reply.header('x-hook', String(getCurrent() !== null));
      }),
    );
    app.get('/', () => 'plain');
    expect(await ask(await listening())).toMatchObject({ body: 'plain', headers: { 'x-hook': 'true' } });
  });

  it('has hooks that block and call `done` themselves', async () => {
    app.addHook(
      'onRequest',
      greenHandler((_request: FastifyRequest, reply: FastifyReply, done: () => void) => {
        sleep(1);
        reply.header('x-hook', 'done');
        done();
      }),
    );
    app.get('/', () => 'plain');
    expect(await ask(await listening())).toMatchObject({ body: 'plain', headers: { 'x-hook': 'done' } });
  });

  it('keeps `this` and AsyncLocalStorage', async () => {
    const storage = new AsyncLocalStorage<string>();
    app.decorate('greeting', 'hello');
    app.addHook('onRequest', (request, _reply, done) => storage.run(request.url, done));
    app.get(
      '/:name',
      greenHandler(function (this: FastifyInstance & { greeting?: string }, _request: FastifyRequest) {
        sleep(1);
        return `${this.greeting} ${storage.getStore()}`;
      }),
    );
    const url = await listening();
    const answers = await Promise.all(['/a', '/b'].map((path) => ask(url + path)));
    expect(answers.map(({ body }) => body)).toEqual(['hello /a', 'hello /b']);
  });

  it('sends a stream that a handler returns', async () => {
    app.get(
      '/',
      greenHandler((_request: FastifyRequest) => {
        sleep(1);
        return Readable.from(['a', 'b', 'c']);
      }),
    );
    expect((await ask(await listening())).body).toBe('abc');
  });

  it('closes gracefully: a handler that has begun is waited for', async () => {
    await app.close();
    app = fastify();
    const begun = new Queue<undefined>();
    const go = new Queue<undefined>();
    app.get(
      '/',
      greenHandler((_request: FastifyRequest) => {
        begun.put(undefined);
        go.get();
        return 'done';
      }),
    );
    const answer = ask(await listening());
    await run(() => begun.get());
    const closed = app.close();
    await run(() => go.put(undefined));
    expect((await answer).body).toBe('done');
    await closed;
  });
});
