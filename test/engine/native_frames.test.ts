// Pins: a green thread may suspend inside any callback that V8's or Node's own code makes.
import { expectOk } from '../support/children';

const gc = '--expose-gc';

describe('suspending inside native frames', () => {
  it.each([
    ['by default', []],
    ['while everything moves', ['--stress-compaction']],
    ['with a small young generation', ['--max-semi-space-size=1']],
    ['with baseline code only', ['--always-sparkplug', '--no-opt']],
    ['with compilation at work', ['--stress-incremental-marking', '--stress-scavenge=50']],
    ['without compiled code', ['--jitless']],
  ])('works %s', async (_, flags) => {
    await expectOk(__dirname, 'native_frames.cjs', { flags: [gc, ...flags] });
  });

  it('lets JSON calls end in another order than they began in', async () => {
    await expectOk(__dirname, 'json.cjs');
  });

  it('crosses vm contexts', async () => {
    await expectOk(__dirname, 'contexts.cjs', { flags: [gc] });
  });
});
