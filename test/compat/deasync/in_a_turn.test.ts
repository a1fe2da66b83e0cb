// deasync in plain code that runs in the middle of a turn.
import { join } from 'node:path';
import { availableHubs } from 'verdant/hub';
import { runChild } from '../../support/children';

test.each(availableHubs())('hub %s: nothing that became ready with it is lost', async (hub) => {
  const result = await runChild(join(__dirname, 'children/in_a_turn.cjs'), { args: [hub] });
  expect(result).toMatchObject({ code: 0, stdout: 'ok\n', stderr: '' });
});
