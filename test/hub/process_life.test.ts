// On every hub the process lives as long as somebody waits for a descriptor, and ends in each of the ways that Node knows.
import { join } from 'node:path';
import { expectOk, runChild } from '../support/children';
import { childOn, describeEveryHub } from '../support/every_hub';

// A list in the child itself would be loaded with the hub that it is about.
const cases = require('./children/process_life.cjs') as string[];

describeEveryHub((name) => {
  test.each(cases)('%s', async (what) => {
    await expectOk(__dirname, 'process_life.cjs', childOn(name, { args: [what] }));
  });

  test('an error of a green thread that nobody waits for ends it with code 1, although others are parked', async () => {
    const result = await runChild(join(__dirname, 'children/nobody_waits.cjs'), childOn(name));
    expect(result).toMatchObject({ code: 1, signal: null, stdout: '', timedOut: false });
    expect(result.stderr).toContain('Error: nobody waits');
  });
});
