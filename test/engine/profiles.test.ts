// Pins: CPU profiles show what green threads do, by name and time; an attached inspector disturbs nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk, runChild } from '../support/children';

describe('CPU profiles', () => {
  it.each(['main', 'green'])('started on %s contain the time of green threads', async (where) => {
    await expectOk(__dirname, 'profile.cjs', { args: [where] });
  });

  it('written by --cpu-prof contain the time of green threads', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'verdant-profile-'));
    try {
      await expectOk(__dirname, 'profile.cjs', { args: ['work'], flags: ['--cpu-prof'], cwd });
      await expectOk(__dirname, 'profile.cjs', { args: ['read'], cwd });
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });
});

describe('an inspector that listens', () => {
  it.each(['native_frames.cjs', 'exceptions.cjs'])('leaves %s undisturbed', async (script) => {
    const flags = ['--expose-gc', '--inspect=127.0.0.1:0'];
    const { code, signal, stdout, stderr } = await runChild(join(__dirname, 'children', script), { flags });
    expect({ code, signal, stdout }).toEqual({ code: 0, signal: null, stdout: 'ok\n' });
    expect(stderr).toMatch(/^Debugger listening on ws:.*\nFor help, see: .*\n$/);
  });
});
