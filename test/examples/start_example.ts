// Runs an example as a process of its own, for tests that talk to it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** An example that runs. */
export interface RunningExample {
  /** Where it listens. */
  port: number;
  /** Waits until it has printed this. */
  printed(text: RegExp): Promise<void>;
  /** Interrupts it; gives how it ended. */
  stop(): Promise<{ code: number | null; stderr: string }>;
}

/** Starts examples/`name`, and waits until it has said where it listens. */
export async function startExample(name: string, ...args: string[]): Promise<RunningExample> {
  const script = join(__dirname, '../../examples', name);
  const child = spawn(process.execPath, [script, '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stderr.on('data', (text) => (stderr += String(text)));
  child.stdout.on('data', (text) => (stdout += String(text)));
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));

  const printed = (wanted: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = wanted.exec(stdout);
        if (found === null) return;
        child.stdout.off('data', look);
        resolve(found);
      };
      child.stdout.on('data', look);
      void closed.then(() => reject(new Error(`${name} ended:\n${stdout}${stderr}`)));
      look();
    });

  const [, port] = await printed(/:(\d+)\n/);
  return {
    port: Number(port),
    async printed(text) {
      await printed(text);
    },
    async stop() {
      child.kill('SIGINT');
      const code = await closed;
      return { code, stderr };
    },
  };
}
