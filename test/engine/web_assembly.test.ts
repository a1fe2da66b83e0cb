// Pins: WebAssembly, V8's collection of its code and JSPI live with suspended green threads.
import { expectOk, nodeMajor } from '../support/children';

const gc = '--expose-gc';

describe('WebAssembly', () => {
  it('parses for fetch while thousands of green threads are suspended', async () => {
    await expectOk(__dirname, 'fetch.cjs');
  });

  it('replaces its baseline code while green threads are suspended', async () => {
    await expectOk(__dirname, 'wasm.cjs', { flags: [gc, '--wasm-tiering-budget=1000'] });
  });

  // V8 12's stack switching had another interface.
  (nodeMajor >= 24 ? it : it.skip)('calls promising exports from the stack of Node itself', async () => {
    await expectOk(__dirname, 'promising.cjs', { flags: [gc] });
  });
});
