import { isThenable, wait } from '../bridge/wait';
import { GreenExit, isGreenExit } from '../errors';
import { GreenThread } from '../green_thread';
import { named } from '../bridge/async_to_green';
import { GreenPool } from '../pool/green_pool';
import { type Places } from '../pool/places';
import { invalidType, validateCount, validateFunction, validateObject } from '../validate';
import { Admission } from './admission';
import { answerFailure, isDestroyed } from './failed_response';
import { startTogether } from './start_together';
import { isListenerCall, type Next, nextOf, type NodeRequest, type NodeResponse, responseOf } from './handler_form';

/** See {@link greenHandler}. */
export interface GreenHandlerOptions {
  /** How many may run at a time; the others wait their turn, in order. Default: no limit. Not together with `pool`. */
  concurrency?: number | undefined;
  /** The pool to run in, which may be shared with others. */
  pool?: GreenPool | undefined;
  /**
   * Kills the handler when the client goes away before the answer is complete: its `finally` blocks run, and nobody is
   * told. Default false, as in Node's frameworks: the handler goes on, and what it writes is lost.
   */
  killOnClose?: boolean | undefined;
  /**
   * Gets what a plain request listener throws. It may answer; else the client gets 500, or a connection that breaks if a
   * part of the answer was sent. Must not block. In a framework, errors are the framework's, and this is not called.
   */
  onError?: ((error: unknown, request: NodeRequest, response: NodeResponse) => void) | undefined;
}

/** The second argument of a plain request listener, by what no framework's has. */
interface AnswersItself {
  writeHead: unknown;
}

/** What a green handler returns: nothing where nobody looks at it, else a promise of what the function returns. */
export type GreenHandlerResult<A extends unknown[], R> = A extends
  | [unknown, AnswersItself]
  | [unknown, unknown, (...args: never[]) => unknown]
  | [unknown, unknown, unknown, (...args: never[]) => unknown]
  ? undefined
  : Promise<Awaited<R>>;

type AnyFunction = (...args: unknown[]) => unknown;

interface Settings {
  fn: AnyFunction;
  admission: Admission | null;
  killOnClose: boolean;
  onError: GreenHandlerOptions['onError'];
}

/**
 * Makes a request handler that blocks one that Node's servers and frameworks can call: each request runs on a green thread
 * of its own. May be called from anywhere.
 *
 * What it is for is told by its arguments:
 * - `(req, res)` of `node:http`, `node:https`, `node:http2`: a request listener. An error goes to `onError`, else to Node's
 *   policy for unhandled rejections, as that of an `async` listener would; either way the client gets 500, or a connection
 *   that breaks if a part of the answer was sent.
 * - `(req, res, next)`, `(error, req, res, next)`, as in Express: what is thrown goes to `next`.
 * - anything else, as in Fastify (`(request, reply)`) and Koa (`(ctx, next)`): gives a promise of what `fn` returns or throws. In
 *   Koa, `wait(next())` calls what comes next.
 *
 * The green thread has the caller's AsyncLocalStorage stores, and `fn` the caller's `this`.
 * @param fn - may call anything that blocks; a promise that it returns is waited for
 * @param options - `concurrency` or `pool`, `killOnClose`, `onError`
 * @returns a function with the name and the length of `fn`
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { sleep } from 'verdant';
 * import { greenHandler } from 'verdant/http';
 *
 * const server = createServer(greenHandler((req, res) => {
 *   sleep(5); // blocks this request only
 *   res.end(`hello ${req.url}`);
 * }));
 * server.listen(0, async () => {
 *   const answer = await fetch(`http://localhost:${server.address().port}/you`);
 *   console.log(await answer.text()); // hello /you
 *   server.close();
 *   server.closeAllConnections();
 * });
 * ```
 */
// Within a call of an overloaded or generic function, such as `createServer`, the compiler does not know the arguments'
// types: then they are `any`, as those of a handler without types are in a framework.
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- for the reason above
export function greenHandler<This, A extends any[], R>(
  fn: (this: This, ...args: A) => R,
  options: GreenHandlerOptions = {},
): (this: This, ...args: A) => GreenHandlerResult<A, R> {
  validateFunction(fn, 'fn');
  const settings = settingsOf(fn as AnyFunction, options);
  const handler = function (this: unknown, ...args: unknown[]): unknown {
    const next = nextOf(args, fn.length);
    if (next !== null) startMiddleware(settings, this, args, next);
    else if (!isListenerCall(args)) return startAwaited(settings, this, args);
    else startListener(settings, this, args);
    return undefined;
  };
  return named(fn as AnyFunction, handler) as (this: This, ...args: A) => GreenHandlerResult<A, R>;
}

function settingsOf(fn: AnyFunction, options: GreenHandlerOptions): Settings {
  validateObject(options, 'options');
  const { concurrency, pool, killOnClose = false, onError } = options;
  if (typeof killOnClose !== 'boolean') throw invalidType('options.killOnClose', 'of type boolean', killOnClose);
  if (onError !== undefined) validateFunction(onError, 'options.onError');
  const places = placesOf(concurrency, pool);
  return { fn, admission: places === null ? null : new Admission(places), killOnClose, onError };
}

function placesOf(concurrency: number | undefined, pool: GreenPool | undefined): Places | null {
  if (pool !== undefined) {
    if (concurrency !== undefined) throw invalidType('options', 'without concurrency if it has a pool', concurrency);
    validateObject(pool, 'options.pool');
    if (typeof pool.waitForPlace !== 'function') throw invalidType('options.pool', 'a GreenPool', pool);
    return pool;
  }
  if (concurrency === undefined || concurrency === Infinity) return null;
  validateCount(concurrency, 'options.concurrency');
  return new GreenPool(concurrency);
}

// --- request listeners ----------------------------------------------------------------------------------------------

function startListener(settings: Settings, self: unknown, args: unknown[]): void {
  launch(settings, listen, [settings, self, ...args], args[1] as NodeResponse);
}

function listen(settings: unknown, self: unknown, request: unknown, response: unknown): void {
  try {
    waitFor((settings as Settings).fn.call(self, request, response));
  } catch (error) {
    failListener(settings as Settings, error, request as NodeRequest, response as NodeResponse);
  }
}

// A kill is not an error: nobody is told.
function failListener({ onError }: Settings, error: unknown, request: NodeRequest, response: NodeResponse): void {
  try {
    if (onError === undefined || isGreenExit(error)) throw error;
    onError(error, request, response);
  } finally {
    answerFailure(response);
  }
}

// --- middleware -----------------------------------------------------------------------------------------------------

function startMiddleware(settings: Settings, self: unknown, args: unknown[], next: Next): void {
  launch(settings, pass, [settings.fn, self, args, next], settings.killOnClose ? responseOf(args) : null);
}

function pass(fn: unknown, self: unknown, args: unknown, next: unknown): void {
  try {
    waitFor((fn as AnyFunction).apply(self, args as unknown[]));
  } catch (error) {
    if (error instanceof ClientGone) throw error; // whom would anybody answer?
    (next as Next)(error);
  }
}

// --- what is awaited ------------------------------------------------------------------------------------------------

function startAwaited(settings: Settings, self: unknown, args: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const response = settings.killOnClose ? responseOf(args) : null;
    launch(settings, call, [settings.fn, self, args], response, (thread) => {
      if (thread === null) reject(new ClientGone());
      else resolve(thread.promise());
    });
  });
}

function call(fn: unknown, self: unknown, args: unknown): unknown {
  return (fn as AnyFunction).apply(self, args as unknown[]);
}

// --- all of them ----------------------------------------------------------------------------------------------------

/** The reason of the kill when the client has gone: nobody needs to handle it. */
class ClientGone extends GreenExit {
  constructor() {
    super('The client has gone away');
  }
}

/**
 * Runs `body` on a green thread, as soon as there is a place for it.
 * @param started - is told of the green thread, or with null that it will never be
 */
function launch(
  { admission, killOnClose }: Settings,
  body: AnyFunction,
  args: unknown[],
  response: NodeResponse | null,
  started: (thread: GreenThread | null) => void = ignore,
): void {
  const watched = killOnClose ? response : null;
  if (admission === null) {
    // Where it was spawned is inside of Node's parser, every time: that says nothing, and costs.
    const thread = new GreenThread(body, args, null);
    if (watched === null) startTogether(thread);
    else thread.start();
    begun(thread, watched, started);
    return;
  }
  let waiting = true;
  const leave = admission.admit(body, args, (thread) => {
    waiting = false;
    watched?.off('close', onClose);
    begun(thread, watched, started);
  });
  function onClose(): void {
    leave();
    started(null);
  }
  if (waiting) watched?.once('close', onClose);
}

function begun(thread: GreenThread, watched: NodeResponse | null, started: (thread: GreenThread) => void): void {
  started(thread);
  if (watched !== null) killWhenClosed(thread, watched);
}

// The handler's frames hold the response: if that held the thread, one that nobody can reach would never be found.
function killWhenClosed(thread: GreenThread, response: NodeResponse): void {
  const ref = thread.weak();
  const onClose = (): void => {
    if (!response.writableEnded) ref.deref()?.kill(new ClientGone());
  };
  if (isDestroyed(response)) onClose();
  else response.once('close', onClose);
}

function waitFor(result: unknown): void {
  if (isThenable(result)) wait(result);
}

const ignore = (): undefined => undefined;
