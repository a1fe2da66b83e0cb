// greenHandler in Koa 3: middleware that blocks, also while it waits for what comes next.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer } from 'node:http';
import Koa, { type Context, type Next } from 'koa';
import { getCurrent, Queue, sleep, spawn, wait } from 'verdant';
import { greenHandler } from 'verdant/http';
import { ask } from './support/ask';
import { serving, stopServing } from './support/serving';

afterEach(stopServing);

function appServing(app: Koa): Promise<string> {
  const listener = app.callback();
  return serving(createServer((req, res) => void listener(req, res)));
}

describe('Koa', () => {
  it('has middleware that blocks', async () => {
    const app = new Koa();
    const work = new Queue<string>();
    app.use(
      greenHandler((ctx: Context) => {
        sleep(1);
        spawn(() => work.put(ctx.path));
        ctx.body = { path: work.get(), later: wait(Promise.resolve(2)), green: getCurrent() !== null };
      }),
    );
    expect(JSON.parse((await ask(`${await appServing(app)}/x`)).body)).toEqual({ path: '/x', later: 2, green: true });
  });

  it('waits for what comes next by wait(next())', async () => {
    const app = new Koa();
    app.use(
      greenHandler((ctx: Context, next: Next) => {
        sleep(1);
        wait(next());
        ctx.set('x-after', String(ctx.body));
      }),
    );
    app.use(async (ctx, next) => {
      await next();
      ctx.body = `${String(ctx.body)} outer`;
    });
    app.use(
      greenHandler((ctx: Context) => {
        sleep(1);
        ctx.body = 'inner';
      }),
    );
    expect(await ask(await appServing(app))).toMatchObject({
      body: 'inner outer',
      headers: { 'x-after': 'inner outer' },
    });
  });

  it('gets what middleware throws', async () => {
    const app = new Koa();
    const heard: unknown[] = [];
    app.on('error', (error) => heard.push(error));
    app.use(async (ctx, next) => {
      try {
        await next();
      } catch (error) {
        ctx.status = 418;
        ctx.body = (error as Error).message;
      }
    });
    app.use(
      greenHandler((ctx: Context) => {
        sleep(1);
        throw new Error(`no ${ctx.path}`);
      }),
    );
    expect(await ask(await appServing(app))).toMatchObject({ status: 418, body: 'no /' });
    expect(heard).toEqual([]);
  });

  it('keeps AsyncLocalStorage', async () => {
    const storage = new AsyncLocalStorage<string>();
    const app = new Koa();
    app.use((ctx, next) => storage.run(ctx.path, next));
    app.use(
      greenHandler((ctx: Context, next: Next) => {
        sleep(1);
        wait(next());
        ctx.body = `${String(ctx.body)} ${storage.getStore()}`;
      }),
    );
    app.use(
      greenHandler((ctx: Context) => {
        sleep(1);
        ctx.body = storage.getStore();
      }),
    );
    const url = await appServing(app);
    const answers = await Promise.all(['/a', '/b'].map((path) => ask(url + path)));
    expect(answers.map(({ body }) => body)).toEqual(['/a /a', '/b /b']);
  });

  it('hears of a handler that was killed with its client, as of any other that fails', async () => {
    const app = new Koa();
    app.silent = true;
    const outcome = new Promise((resolve) => {
      app.use(async (_ctx, next) => {
        await next().catch((error: unknown) => resolve((error as { code: string }).code));
      });
    });
    app.use(
      greenHandler(
        (ctx: Context) => {
          ctx.req.socket.destroy();
          sleep(60_000);
        },
        { killOnClose: true },
      ),
    );
    await expect(ask(await appServing(app))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await outcome).toBe('ERR_VERDANT_KILLED');
  });
});
