// Those who wait: requests in line whose clients go away, and many idle connections.
import { getHub } from 'verdant/hub';
import { turns } from '../hostile/support/raw_client.cjs';
import { describeServing, Gate, get } from './support/serving';

describeServing(({ start, connect, settled }) => {
  test('one who waits in line and goes away never runs', async () => {
    const gate = new Gate();
    const order: string[] = [];
    const server = start(
      (request) => {
        order.push(request.path);
        gate.pass();
        return 'x';
      },
      { concurrency: 1 },
    );
    const first = await connect();
    first.write(get('/1'));
    await gate.arrivals();
    const second = await connect();
    second.write(get('/2'));
    await turns(5);
    expect(server.stats().queued).toBe(1);
    second.reset();
    await turns(10);
    gate.open();
    await first.response();
    first.destroy();
    await settled();
    expect(order).toEqual(['/1']);
  });

  test('a hundred idle connections hold no green thread, and cost one timer each at most', async () => {
    start(() => 'x');
    await turns(10);
    const before = getHub().stats();
    const clients = await Promise.all(Array.from({ length: 100 }, () => connect()));
    for (const client of clients) {
      client.write(get('/'));
      await client.response();
    }
    await turns(10);
    const { greenThreads, suspended, timers } = getHub().stats();
    expect({ greenThreads, suspended }).toEqual({ greenThreads: before.greenThreads, suspended: before.suspended });
    expect(timers - before.timers).toBeLessThanOrEqual(100);
  });
});
