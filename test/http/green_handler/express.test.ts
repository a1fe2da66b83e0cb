// greenHandler in Express 5: handlers, middleware and error handlers that block; what is thrown goes to `next`.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, type IncomingMessage } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import { getCurrent, Queue, sleep, spawn, wait } from 'verdant';
import { greenHandler } from 'verdant/http';
import { ask, bodyOf } from './support/ask';
import { serving, stopServing } from './support/serving';

afterEach(stopServing);

function appServing(app: express.Express): Promise<string> {
  return serving(createServer(app));
}

describe('Express', () => {
  it('has handlers that block', async () => {
    const app = express();
    const work = new Queue<string>();
    app.get(
      '/:name',
      greenHandler((req: Request, res: Response) => {
        sleep(1);
        spawn(() => work.put(String(req.params.name)));
        const status = wait(ask(`${url}/`)).status;
        res.json({ name: work.get(), status, green: getCurrent() !== null });
      }),
    );
    const url = await appServing(app);
    expect(JSON.parse(await bodyOf(`${url}/ann`))).toEqual({ name: 'ann', status: 404, green: true });
  });

  it('has middleware that blocks and goes on with next', async () => {
    const app = express();
    app.use(
      greenHandler((_req, res: Response, next: NextFunction) => {
        sleep(1);
        res.setHeader('x-middleware', 'green');
        next();
      }),
    );
    app.get('/', (_req, res) => {
      res.send('plain');
    });
    const { headers, body } = await ask(await appServing(app));
    expect([headers['x-middleware'], body]).toEqual(['green', 'plain']);
  });

  it('gets what a handler throws, by next', async () => {
    const app = express();
    app.get(
      '/',
      greenHandler((_req, _res: Response) => {
        sleep(1);
        throw Object.assign(new Error('no'), { status: 418 });
      }),
    );
    app.use((error: Error & { status: number }, _req: Request, res: Response, _next: NextFunction) => {
      res.status(error.status).send(error.message);
    });
    expect(await ask(await appServing(app))).toMatchObject({ status: 418, body: 'no' });
  });

  it('has error handlers that block, by their four arguments', async () => {
    const app = express();
    app.get('/', () => {
      throw new Error('first');
    });
    app.use(
      greenHandler((error: Error, _req: Request, _res: Response, _next: NextFunction) => {
        sleep(1);
        throw new Error(`${error.message}, second`);
      }),
    );
    app.use(
      greenHandler((error: Error, _req: Request, res: Response, _next: NextFunction) => {
        sleep(1);
        res.status(500).send(`${error.message}, third`);
      }),
    );
    expect((await ask(await appServing(app))).body).toBe('first, second, third');
  });

  it('has parameter handlers that block', async () => {
    const app = express();
    app.param(
      'id',
      greenHandler((req: Request & { found?: string }, _res: Response, next: NextFunction, id: string) => {
        sleep(1);
        if (id === '0') throw Object.assign(new Error('none'), { status: 404, expose: true });
        req.found = `found ${id}`;
        next();
      }) as express.RequestParamHandler,
    );
    app.get('/:id', (req: Request & { found?: string }, res) => {
      res.send(req.found);
    });
    app.set('env', 'test');
    const url = await appServing(app);
    expect((await ask(`${url}/7`)).body).toBe('found 7');
    expect((await ask(`${url}/0`)).status).toBe(404);
  });

  it('reads a body in blocking style behind its own parsers', async () => {
    const app = express();
    app.use(express.json());
    app.post(
      '/',
      greenHandler((req: Request, res: Response) => {
        sleep(1);
        res.send(String((req.body as { n: number }).n + 1));
      }),
    );
    const headers = { 'content-type': 'application/json' };
    const answer = await ask(await appServing(app), { method: 'POST', headers, body: '{"n":41}' });
    expect(answer.body).toBe('42');
  });

  it('keeps AsyncLocalStorage from middleware through green handlers', async () => {
    const storage = new AsyncLocalStorage<string>();
    const app = express();
    app.use((req, _res, next) => storage.run(req.path, next));
    app.use(
      greenHandler((_req, _res, next: NextFunction) => {
        sleep(1);
        next();
      }),
    );
    app.get(
      '/{*path}',
      greenHandler((_req, res: Response) => {
        sleep(1);
        res.send(storage.getStore());
      }),
    );
    const url = await appServing(app);
    expect(await Promise.all(['/a', '/b', '/c'].map((path) => bodyOf(url + path)))).toEqual(['/a', '/b', '/c']);
  });

  it('does not hear of a handler that was killed with its client', async () => {
    const heard: unknown[] = [];
    const app = express();
    let killed: (error: unknown) => void;
    const outcome = new Promise((resolve) => (killed = resolve));
    app.get(
      '/',
      greenHandler(
        (req: Request, _res: Response) => {
          try {
            (req as IncomingMessage).socket.destroy();
            sleep(60_000);
          } catch (error) {
            killed((error as { code: string }).code);
            throw error;
          }
        },
        { killOnClose: true },
      ),
    );
    app.use((error: unknown, _req: Request, _res: Response, next: NextFunction) => {
      heard.push(error);
      next();
    });
    await expect(ask(await appServing(app))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await outcome).toBe('ERR_VERDANT_KILLED');
    expect(heard).toEqual([]);
  });
});
