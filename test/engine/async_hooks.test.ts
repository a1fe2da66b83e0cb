// Pins: to async_hooks and AsyncLocalStorage a green thread is an async resource of its own, whatever it suspends in.
import { expectOk, nodeMajor } from '../support/children';

const withFrame = nodeMajor >= 24 ? [] : ['--experimental-async-context-frame'];
const withoutFrame = nodeMajor >= 24 ? ['--no-async-context-frame'] : [];
const frameIsKnown = nodeMajor >= 22;

describe('the async id stack', () => {
  it.each([
    ['by default', [], 'plain'],
    ['while a hook listens', [], 'hook'],
    ['without AsyncContextFrame', withoutFrame, 'plain'],
    ['without AsyncContextFrame while a hook listens', withoutFrame, 'hook'],
  ])('survives suspensions inside scopes of every kind %s', async (_, flags, mode) => {
    await expectOk(__dirname, 'async_ids.cjs', { flags, args: [mode] });
  });

  it("survives suspensions inside callbacks that Node's C++ makes on the green thread's stack", async () => {
    await expectOk(__dirname, 'callback_scopes.cjs');
  });
});

describe('AsyncLocalStorage', () => {
  it('is private to each green thread and intact after every suspension, hung on resources', async () => {
    await expectOk(__dirname, 'local_storage.cjs', { flags: withoutFrame });
  });

  // Node 20 has no AsyncContextFrame.
  (frameIsKnown ? it : it.skip)('is so in an AsyncContextFrame too', async () => {
    await expectOk(__dirname, 'local_storage.cjs', { flags: withFrame, args: ['frame'] });
  });
});
