// Debian's Chromium without a screen, driven by its DevTools protocol over the library `ws`.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { WebSocket } from 'ws';

type Params = Record<string, unknown>;

interface Message {
  id?: number;
  method?: string;
  params?: Params;
  result?: Params;
  error?: { message: string };
  sessionId?: string;
}

/** Where it is; null if this machine has none. */
export const chromiumPath =
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'chromium'))
    .find((file) => existsSync(file)) ?? null;

export class Chromium {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #socket: WebSocket;
  readonly #calls = new Map<number, { resolve: (result: Params) => void; reject: (error: Error) => void }>();
  readonly #pages = new Map<string, Page>();
  #sequence = 0;

  private constructor(child: ChildProcess, folder: string, socket: WebSocket) {
    this.#process = child;
    this.#folder = folder;
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#onMessage(JSON.parse(data.toString()) as Message));
    socket.on('close', () => {
      for (const { reject } of this.#calls.values()) reject(new Error('Chromium has gone'));
    });
  }

  static async start(): Promise<Chromium> {
    const folder = mkdtempSync(join(tmpdir(), 'verdant-chromium-'));
    const flags = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${folder}`, '--no-first-run'];
    // In a container it runs as root, where it has no sandbox of its own; it sees nothing but the example's page.
    const child = spawn(
      chromiumPath!,
      [...flags, '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', 'about:blank'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        detached: true,
      },
    );
    let stderr = '';
    const address = await new Promise<string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', () => reject(new Error(`Chromium ended:\n${stderr}`)));
      child.stderr.on('data', (text) => {
        stderr += String(text);
        const found = /DevTools listening on (\S+)/.exec(stderr);
        if (found !== null) resolve(found[1]!);
      });
    });
    const socket = new WebSocket(address, { perMessageDeflate: false });
    await new Promise<void>((resolve, reject) => {
      socket.on('open', resolve);
      socket.on('error', reject);
    });
    return new Chromium(child, folder, socket);
  }

  #onMessage({ id, method, params, result, error, sessionId }: Message): void {
    if (id === undefined) {
      if (sessionId !== undefined) this.#pages.get(sessionId)?.onEvent(method!, params ?? {});
      return;
    }
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error === undefined) call?.resolve(result ?? {});
    else call?.reject(new Error(error.message));
  }

  call(method: string, params: Params = {}, sessionId?: string): Promise<Params> {
    const id = (this.#sequence += 1);
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  }

  /** A page of its own, which shares nothing with the others but the browser. */
  async open(url: string): Promise<Page> {
    const { browserContextId } = await this.call('Target.createBrowserContext');
    const { targetId } = await this.call('Target.createTarget', { url: 'about:blank', browserContextId });
    const { sessionId } = (await this.call('Target.attachToTarget', { targetId, flatten: true })) as {
      sessionId: string;
    };
    const page = new Page((method, params) => this.call(method, params, sessionId));
    this.#pages.set(sessionId, page);
    await page.goTo(url);
    return page;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#process.on('close', resolve));
    const gone = new Promise((resolve) => this.#socket.on('close', resolve));
    await this.call('Browser.close');
    await Promise.all([closed, gone]);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

export class Page {
  readonly #call: (method: string, params?: Params) => Promise<Params>;
  readonly #loaded: (() => void)[] = [];
  /** What the page has complained of: errors on the console, exceptions, what could not be loaded. */
  readonly errors: string[] = [];

  constructor(call: (method: string, params?: Params) => Promise<Params>) {
    this.#call = call;
  }

  onEvent(method: string, params: Params): void {
    const { type, entry } = params as { type?: string; entry?: { level: string; text: string } };
    if (method === 'Page.loadEventFired') this.#loaded.shift()?.();
    if (method === 'Runtime.exceptionThrown') this.errors.push(JSON.stringify(params.exceptionDetails));
    if (method === 'Runtime.consoleAPICalled' && type === 'error') this.errors.push(JSON.stringify(params.args));
    if (method === 'Log.entryAdded' && entry?.level === 'error') this.errors.push(entry.text);
  }

  async goTo(url: string): Promise<void> {
    for (const domain of ['Page', 'Runtime', 'Log']) await this.#call(`${domain}.enable`);
    const loaded = new Promise<void>((resolve) => this.#loaded.push(resolve));
    await this.#call('Page.navigate', { url });
    await loaded;
  }

  /** The value of an expression, or what the promise that it gives is fulfilled with. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.#call('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value: T }; exceptionDetails?: unknown };
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  /** Waits until the expression is true; looks whenever the page changes. */
  async waitFor(expression: string): Promise<void> {
    await this.evaluate(`new Promise((resolve) => {
      const look = () => { if (${expression}) { observer.disconnect(); resolve(); } };
      const observer = new MutationObserver(look);
      observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
      look();
    })`);
  }

  /** Clicks into the element, types, and presses Enter, as a person would. */
  async type(selector: string, text: string): Promise<void> {
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
    await this.#call('Input.insertText', { text });
    const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13 };
    await this.#call('Input.dispatchKeyEvent', { type: 'keyDown', text: '\r', ...enter });
    await this.#call('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
  }

  /** Closes the tab. */
  async close(): Promise<void> {
    await this.#call('Page.close');
  }

  /** What it looks like, as a PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = (await this.#call('Page.captureScreenshot')) as { data: string };
    return Buffer.from(data, 'base64');
  }
}
