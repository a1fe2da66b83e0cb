// Runs scripts as processes of their own: for behaviour that ends the process, needs flags of V8, or would crash.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The major version of the Node that runs the tests (and their children). */
export const nodeMajor = Number(process.versions.node.split('.')[0]);

/** How much slower than usual this machine may be: an emulator is. */
export const slowness = process.env.VERDANT_TEST_SLOW === undefined ? 1 : 8;

export interface ChildOptions {
  /** Node's and V8's flags. */
  flags?: string[];
  /** The script's arguments. */
  args?: string[];
  /** Added to the environment. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Milliseconds until it is killed, which fails the test. Default 60 s. */
  timeout?: number;
  /** Called with everything written to stdout so far, after each piece. */
  onStdout?: (soFar: string, child: { kill: (signal: NodeJS.Signals) => void }) => void;
}

export interface ChildResult {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

/** What V8 11 and 12 say to `--jitless`. */
const jitlessNotice = 'Warning: disabling flag --expose_wasm due to conflicting flags\n';

/** Runs a script with this very Node until it ends. Never rejects because of how it ended. */
export function runChild(script: string, options: ChildOptions = {}): Promise<ChildResult> {
  const { flags = [], args = [], env, cwd, timeout = 60_000, onStdout } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, script, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const result: ChildResult = { code: null, signal: null, stdout: '', stderr: '', timedOut: false };
    const timer = setTimeout(() => {
      result.timedOut = true;
      child.kill('SIGKILL');
    }, timeout * slowness);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      result.stdout += text;
      onStdout?.(result.stdout, { kill: (signal) => child.kill(signal) });
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      result.stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ ...result, code, signal });
    });
  });
}

/**
 * Runs a script that checks everything by itself and prints `ok` as its last word: only then did it get to its end.
 * @param folder - `__dirname` of the test
 * @param name - the script, below the folder's `children/`
 */
export async function expectOk(folder: string, name: string, options?: ChildOptions): Promise<void> {
  const result = await runChild(join(folder, 'children', name), options);
  result.stderr = result.stderr.replace(jitlessNotice, '');
  expect(result).toEqual({ code: 0, signal: null, stdout: 'ok\n', stderr: '', timedOut: false });
}
