// Pins: the collector may run at any moment, on any stack, with any number of green threads suspended.
import { expectOk } from '../support/children';

const gc = '--expose-gc';

describe('the garbage collector', () => {
  it.each([
    ['by default', [gc, '--max-old-space-size=100']],
    ['while it moves whatever it can', [gc, '--stress-compaction', '--max-old-space-size=120']],
    ['while it marks all the time', [gc, '--stress-incremental-marking', '--max-old-space-size=120']],
    ['without compiled code', [gc, '--jitless', '--max-old-space-size=120']],
  ])('does major collections inside green threads %s', async (_, flags) => {
    await expectOk(__dirname, 'major_gc.cjs', { flags });
  });

  it('meets no stale array of a suspended green thread after a shift', async () => {
    await expectOk(__dirname, 'left_trim.cjs', { flags: [gc] });
  });

  it('keeps a young AsyncLocalStorage store whole while hundreds of green threads are suspended', async () => {
    await expectOk(__dirname, 'young_context.cjs', { flags: ['--max-semi-space-size=1'] });
  });

  it('has the green threads unwound that nothing can reach any more', async () => {
    await expectOk(__dirname, 'unreachable.cjs', { flags: [gc] });
  });

  it('takes heap snapshots on main and on green threads', async () => {
    await expectOk(__dirname, 'heap_snapshot.cjs');
  });
});
