// Pins: the collector may run at any moment, on any stack, with any number of green threads suspended.
import { expectOk } from '../support/children';

const gc = '--expose-gc';

describe('the garbage collector', () => {
  it.each([
    ['by default', [], '120'],
    ['while it moves whatever it can', ['--stress-compaction'], '20'],
    ['while it marks all the time', ['--stress-incremental-marking'], '20'],
    ['without compiled code', ['--jitless'], '60'],
  ])('does major collections inside green threads %s', async (_, flags, megabytes) => {
    await expectOk(__dirname, 'major_gc.cjs', { flags: [gc, '--max-old-space-size=120', ...flags], args: [megabytes] });
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
