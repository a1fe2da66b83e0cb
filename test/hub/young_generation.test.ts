// Beside many suspended green threads the young generation is large, so that the collections which walk their stacks are rare.
import { getHeapSpaceStatistics } from 'node:v8';
import { run, sleep, spawn } from 'verdant';

const mebibyte = 2 ** 20;

const youngGeneration = (): number =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')!.space_size;

it('grows to several MiB when there are a thousand green threads, and keeps its size while they are there', async () => {
  const sizes = await run(() => {
    const threads = Array.from({ length: 1100 }, () => spawn(() => sleep(Infinity)));
    sleep(0);
    const seen: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      Array.from({ length: 20_000 }, () => ({}));
      sleep(0);
      seen.push(youngGeneration());
    }
    for (const thread of threads) thread.kill();
    for (const thread of threads) thread.join();
    return seen;
  });
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(2 * mebibyte);
  if (Number(process.versions.v8.split('.')[0]) < 13) {
    expect(sizes.at(-1)).toBeGreaterThanOrEqual(16 * mebibyte);
  }
});
