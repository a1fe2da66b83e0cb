// What a failing request listener does: the client gets 500 or a connection that breaks, and the error goes to one place.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { GreenExit, sleep } from 'verdant';
import { greenHandler } from 'verdant/http';
import { runChild } from '../../support/children';
import { code, thrown } from '../../core/thrown';
import { ask } from './support/ask';
import { serving, stopServing } from './support/serving';

afterEach(stopServing);

describe('a handler that throws', () => {
  it('makes the answer 500 without the headers it has set, and tells onError', async () => {
    const told: unknown[][] = [];
    const failure = new Error('no');
    const handler = greenHandler(
      (_req, res) => {
        res.setHeader('x-secret', '1');
        sleep(1);
        throw failure;
      },
      { onError: (...args) => told.push(args) },
    );
    const answer = await ask(await serving(createServer(handler)));
    expect(answer).toMatchObject({ status: 500, body: 'Internal Server Error\n' });
    expect(answer.headers).not.toHaveProperty('x-secret');
    expect(told).toEqual([
      [failure, expect.objectContaining({ url: '/' }), expect.objectContaining({ statusCode: 500 })],
    ]);
  });

  it('lets onError answer', async () => {
    const handler = greenHandler(
      (_req: IncomingMessage, _res: ServerResponse) => {
        throw new Error('no');
      },
      { onError: (_error, _req, res) => void res.writeHead(418).end('teapot') },
    );
    expect(await ask(await serving(createServer(handler)))).toMatchObject({ status: 418, body: 'teapot' });
  });

  it('breaks the connection if a part of the answer was sent', async () => {
    const handler = greenHandler(
      (_req, res) => {
        res.write('half');
        sleep(1);
        throw new Error('no');
      },
      { onError: () => undefined },
    );
    await expect(ask(await serving(createServer(handler)))).rejects.toEqual(code('ECONNRESET'));
  });

  it('leaves an answer that is complete as it is', async () => {
    const told: unknown[] = [];
    const handler = greenHandler(
      (_req, res) => {
        res.end('whole');
        throw new Error('after that');
      },
      { onError: (error) => told.push((error as Error).message) },
    );
    expect(await ask(await serving(createServer(handler)))).toMatchObject({ status: 200, body: 'whole' });
    expect(told).toEqual(['after that']);
  });

  it('may be async: what its promise is rejected with counts as thrown', async () => {
    const told: unknown[] = [];
    const handler = greenHandler(
      async (_req: IncomingMessage, _res: ServerResponse) => {
        await Promise.resolve();
        throw new Error('rejected');
      },
      { onError: (error) => told.push((error as Error).message) },
    );
    expect(await ask(await serving(createServer(handler)))).toMatchObject({ status: 500 });
    expect(told).toEqual(['rejected']);
  });

  it('answers 500 and tells nobody when it is killed', async () => {
    const told: unknown[] = [];
    const handler = greenHandler(
      (_req: IncomingMessage, _res: ServerResponse) => {
        throw new GreenExit();
      },
      { onError: (error) => told.push(error) },
    );
    expect(await ask(await serving(createServer(handler)))).toMatchObject({ status: 500 });
    expect(told).toEqual([]);
  });
});

describe('without onError', () => {
  it('the error is an unhandled rejection, once, and the client has got 500', async () => {
    const {
      code: exit,
      stdout,
      stderr,
    } = await runChild(join(__dirname, 'children/unhandled.cjs'), { args: ['listen'] });
    expect({ exit, stdout, stderr }).toEqual({
      exit: 0,
      stdout: 'unhandled: handler failed\nanswer: 500\n',
      stderr: '',
    });
  });

  it('the error ends the process, if nobody listens, as that of an async listener does', async () => {
    const { code: exit, stdout, stderr } = await runChild(join(__dirname, 'children/unhandled.cjs'));
    expect([exit, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Error: handler failed');
  });
});

describe('arguments', () => {
  it.each([
    ['a handler that is no function', () => greenHandler(1 as never), 'ERR_INVALID_ARG_TYPE'],
    ['options that are no object', () => greenHandler(() => 1, 1 as never), 'ERR_INVALID_ARG_TYPE'],
    ['a concurrency below 0', () => greenHandler(() => 1, { concurrency: -1 }), 'ERR_OUT_OF_RANGE'],
    ['a pool that is none', () => greenHandler(() => 1, { pool: {} as never }), 'ERR_INVALID_ARG_TYPE'],
    [
      'both of concurrency and pool',
      () => greenHandler(() => 1, { concurrency: 1, pool: {} as never }),
      'ERR_INVALID_ARG_TYPE',
    ],
    [
      'a killOnClose that is no boolean',
      () => greenHandler(() => 1, { killOnClose: 1 as never }),
      'ERR_INVALID_ARG_TYPE',
    ],
    ['an onError that is no function', () => greenHandler(() => 1, { onError: 1 as never }), 'ERR_INVALID_ARG_TYPE'],
  ])('refuses %s', (_, make, expected) => {
    expect(thrown(make)).toEqual(code(expected));
  });
});
