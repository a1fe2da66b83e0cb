// Pins: a process with suspended green threads ends with the right code, in every way, and none of them runs again.
import { join } from 'node:path';
import { type ChildOptions, type ChildResult, runChild } from '../support/children';

const run = (name: string, options?: ChildOptions): Promise<ChildResult> =>
  runChild(join(__dirname, 'children/exits.cjs'), { args: [name], ...options });

const ended = (code: number, stdout = ''): object => ({ code, signal: null, stdout, stderr: '', timedOut: false });

const terminate: ChildOptions = {
  onStdout: (soFar, child) => {
    if (soFar === 'ready\n') child.kill('SIGTERM');
  },
};

describe('a process with suspended green threads', () => {
  it.each([
    ['process.exit() on a green thread', 'exitOnGreen', 3, 'exit 3\n'],
    ['process.exit() below native frames of a green thread', 'exitInNestedCall', 4, ''],
    ['process.exit() on main', 'exitOnMain', 6, ''],
    ['process.exitCode', 'exitCode', 9, ''],
    ["an unhandledRejection handler for a green thread's error", 'uncaughtHandled', 12, 'nobody catches this\n'],
    ["an uncaughtException handler for a link's error", 'uncaughtInLink', 14, 'thrown by a link\n'],
    ['its natural end', 'natural', 0, 'done\n'],
    ['its natural end with suspended ones', 'naturalParked', 0, ''],
  ])('ends by %s', async (_, name, code, stdout) => {
    expect(await run(name)).toEqual(ended(code, stdout));
  });

  it("ends with Node's report when nobody handles a green thread's error", async () => {
    const { stderr, ...rest } = await run('uncaught');
    expect(rest).toEqual({ code: 1, signal: null, stdout: '', timedOut: false });
    expect(stderr.match(/Error: nobody catches this/g)).toHaveLength(1);
  });

  it('ends with code 13 and a report when nothing can wake them', async () => {
    const { stderr, ...rest } = await run('deadlock');
    expect(rest).toEqual({ code: 13, signal: null, stdout: '', timedOut: false });
    expect(stderr).toMatch(/ERR_VERDANT_DEADLOCK[^]*stuck \(suspended\)/);
  });

  it.each(['sigterm', 'sigtermSpinning'])('is ended by SIGTERM (%s)', async (name) => {
    const expected = { code: null, signal: 'SIGTERM', stdout: 'ready\n', stderr: '', timedOut: false };
    expect(await run(name, terminate)).toEqual(expected);
  });

  it('drains on green threads in a SIGTERM handler', async () => {
    expect(await run('sigtermHandled', terminate)).toEqual(ended(0, 'ready\ndrained\n'));
  });
});

describe('an exit listener', () => {
  it('cannot block on main, nor start anything', async () => {
    const { code, stdout, stderr } = await run('blockInExitListener');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')[0]).toBe('ERR_VERDANT_NOT_GREEN');
    expect(stdout).not.toContain('ran');
  });

  it('cannot block on the green thread that exits', async () => {
    expect(await run('blockInExitListenerOnGreen')).toEqual(ended(0, 'ERR_VERDANT_CLOSED\n'));
  });
});
