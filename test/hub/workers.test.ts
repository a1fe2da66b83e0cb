// Workers with a hub of each kind, beside a main thread with a hub of each kind: none is in the other's way.
import { expectOk } from '../support/children';

// It counts descriptors in /proc, which only Linux has.
(process.platform === 'linux' ? test : test.skip)(
  'Workers work and end in each way while green threads are parked on descriptors, and leave none open',
  async () => {
    await expectOk(__dirname, 'fd_workers.cjs');
  },
);

test('hubs of several realms share a thread: one owns the wait, the others take their turns from it', async () => {
  await expectOk(__dirname, 'second_hub.cjs');
});
