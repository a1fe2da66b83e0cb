// A program in which green threads would wait for ever says who waits where, and exits with code 13.
import { join } from 'node:path';
import { expectOk, runChild } from '../support/children';
import { childOn, describeEveryHub } from '../support/every_hub';

describeEveryHub((name) => {
  const scripts = join(__dirname, 'children');

  test('the report lists each green thread with its parked and its spawn stack, and the exit code is 13', async () => {
    const result = await runChild(join(scripts, 'deadlock.cjs'), childOn(name));
    expect(result).toMatchObject({ code: 13, signal: null, stdout: 'main is done\n' });
    const { stderr } = result;
    expect(stderr).toMatch(/^DeadlockError \[ERR_VERDANT_DEADLOCK\]: 2 green threads would wait for ever:\n/);
    expect(stderr).toMatch(/^first \(suspended\)$[^]*^second \(suspended\)$/m);
    const [first, second] = stderr.slice(stderr.indexOf('first (')).split('second (') as [string, string];
    expect(first).toMatch(/at waitForSecond .*deadlock\.cjs[^]*--- spawned at ---[^]*at spawnFirst .*deadlock\.cjs/);
    expect(second).toMatch(/at waitForFirst .*deadlock\.cjs[^]*--- spawned at ---[^]*at spawnSecond .*deadlock\.cjs/);
    expect(stderr.match(/would wait for ever/g)).toHaveLength(1);
  });

  test.each([
    'a listener of deadlock replaces the report and the exit code',
    'a listener of deadlock may wake the green threads',
    'a listener of deadlock may kill them',
    'a beforeExit listener that adds work prevents it',
    'a beforeExit listener added later that adds work prevents it',
    'no green thread, no report',
    'green threads that have ended are not reported',
    'an exit code that was set stays when nobody is parked',
    'a sleeping green thread is no deadlock',
    'process.exit while green threads are parked is no deadlock',
  ])('%s', async (what) => {
    await expectOk(__dirname, 'deadlock_cases.cjs', childOn(name, { args: [what] }));
  });
});
