// Pins: a green thread's stack is as good as main's: depth, overflow, exceptions; and it always comes back.
import { expectOk } from '../support/children';

const flags = ['--expose-gc'];

describe("a green thread's stack", () => {
  it("carries exceptions of JavaScript and of V8 itself, at any depth, as main's does", async () => {
    await expectOk(__dirname, 'exceptions.cjs', { flags });
  });

  it("is as deep as main's and overflows with a RangeError, after which everything works", async () => {
    await expectOk(__dirname, 'recursion.cjs', { flags });
  });

  it('lets every level of a recursion suspend until it is full', async () => {
    await expectOk(__dirname, 'suspend_at_every_level.cjs', { flags });
  });

  it('lets a suspension begin with any rest of it, or refuses with a RangeError', async () => {
    // Frames of one size: how many fit is known beforehand.
    await expectOk(__dirname, 'suspend_at_the_edge.cjs', { flags: ['--no-opt', '--no-maglev'] });
  });

  it('has the size that --stack-size says', async () => {
    await expectOk(__dirname, 'deep_stack_size.cjs', { flags: ['--stack-size=3000'] });
  });

  it('is refused with a code when --stack-size was raised after it could be heeded', async () => {
    await expectOk(__dirname, 'stack_size.cjs', { args: ['3000'] });
  });

  it('is given when --stack-size was lowered', async () => {
    await expectOk(__dirname, 'stack_size.cjs', { args: ['500'] });
  });

  it('comes back to the pool however the green thread ended', async () => {
    await expectOk(__dirname, 'stacks_returned.cjs');
  });
});
