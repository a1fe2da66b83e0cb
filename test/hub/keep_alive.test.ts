// The process lives exactly as long as green threads have something to wait for.
import { expectOk } from '../support/children';
import { childOn, describeEveryHub } from '../support/every_hub';

describeEveryHub((name) => {
  // Each case prints `ok` in an exit listener that checks the time or what has run; all would live for an hour if they were wrong.
  test.each([
    'a sleeper keeps it alive until it has slept',
    'a cancelled long timeout does not delay the exit',
    'a long timeout that was not needed does not delay the exit',
    'a killed sleeper does not delay the exit',
    'a cancelled spawnAfter does not delay the exit',
    'a cancelled call does not delay the exit',
    'unref lets it end although a green thread sleeps',
    'ref after unref keeps it alive again',
    'unref of an idle hub lets it end although a green thread sleeps later',
    'a green thread that waits for a timer of node keeps nothing alive but the timer',
    'an ended program with a hub ends at once',
    'ready green threads keep it alive until they are done',
  ])('%s', async (what) => {
    await expectOk(__dirname, 'keep_alive.cjs', childOn(name, { args: [what] }));
  });
});
