// Random selects over several channels, with kills, timeouts, aborts, closing and resizing at every moment: each select that
// has put is one whose item arrives, exactly once; what a select has not put never arrives; nothing that arrives is lost. A
// failure prints fast-check's seed.
import * as fc from 'fast-check';
import { Channel, type GreenThread, select, type SelectCase, spawn } from 'verdant';
import { slowness } from '../support/children';
import { useManualHub } from './manual_queue_hub';

const numRuns = Number(process.env.VERDANT_HISTORIES ?? 400);
const seed = Number(process.env.VERDANT_TEST_SEED ?? Date.now() % 2 ** 31);
const patience = 30_000 + 100 * numRuns * slowness;
const hub = useManualHub();

const channelCount = 3;
const at = fc.nat(channelCount - 1);
const oneCase = fc.record({ how: fc.constantFrom('get' as const, 'put' as const), at });
const selecting = fc.record({
  cases: fc.array(oneCase, { minLength: 1, maxLength: 4 }),
  timeout: fc.constantFrom(undefined, undefined, 0, 5),
  after: fc.constantFrom(undefined, undefined, 0, 3),
  nowait: fc.constantFrom(false, false, false, true),
});
const sizes = fc.constantFrom(undefined, 0, 0, 0, 1, 2);
const whom = fc.nat(6);
const plain = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('putNowait' as const, 'getNowait' as const), at }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'abort' as const), at: whom }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resize' as const), at, size: sizes }) },
);
const command = fc.oneof(
  { weight: 5, arbitrary: fc.record({ spawn: fc.array(selecting, { minLength: 1, maxLength: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ plain: fc.array(plain, { minLength: 1, maxLength: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ turn: fc.constantFrom(0, 0, 1, 6) }) },
);
type Selecting = typeof selecting extends fc.Arbitrary<infer T> ? T : never;
type Plain = typeof plain extends fc.Arbitrary<infer T> ? T : never;

const expected = new Set([
  'ERR_VERDANT_CLOSED',
  'ERR_VERDANT_QUEUE_FULL',
  'ERR_VERDANT_QUEUE_EMPTY',
  'ERR_VERDANT_TIMEOUT',
  'ERR_ABORTED',
]);

class World {
  readonly channels: Channel<string>[];
  readonly threads: GreenThread[] = [];
  readonly controllers: AbortController[] = [];
  readonly put: string[] = [];
  readonly got: string[] = [];
  /** Per channel, in the order in which they arrived. */
  readonly arrived: string[][];

  constructor(maxSizes: (number | undefined)[]) {
    this.channels = maxSizes.map((maxSize) => new Channel<string>(maxSize));
    this.arrived = maxSizes.map(() => []);
  }

  spawn(selects: Selecting[]): void {
    const id = this.threads.length;
    const controller = new AbortController();
    this.controllers.push(controller);
    this.threads.push(
      spawn(() => {
        selects.forEach((one, n) => {
          try {
            this.select(one, `${id}.${n}`, controller.signal);
          } catch (error) {
            if (!expected.has((error as { code: string }).code)) throw error;
          }
        });
      }),
    );
  }

  select({ cases, timeout, after, nowait }: Selecting, name: string, signal: AbortSignal): void {
    const made: SelectCase[] = cases.map(({ how, at: n }, index) =>
      how === 'get' ? select.get(this.channels[n]!) : select.put(this.channels[n]!, `${name}.${index}`),
    );
    if (after !== undefined) made.push(select.after(after));
    if (nowait) made.push(select.default());
    const { index, value } = select(made, { timeout, signal });
    const happened = cases[index];
    if (happened?.how === 'get') this.arrives(happened.at, value as string);
    else if (happened?.how === 'put') this.put.push(`${name}.${index}`);
  }

  arrives(n: number, item: string): void {
    this.got.push(item);
    this.arrived[n]!.push(item);
  }

  plain(one: Plain, name: string): void {
    try {
      switch (one.do) {
        case 'putNowait':
          this.channels[one.at]!.putNowait(name);
          this.put.push(name);
          return;
        case 'getNowait':
          this.arrives(one.at, this.channels[one.at]!.getNowait());
          return;
        case 'kill':
          this.threads[one.at]?.kill();
          return;
        case 'abort':
          this.controllers[one.at]?.abort(Object.assign(new Error('aborted'), { code: 'ERR_ABORTED' }));
          return;
        case 'close':
          this.channels[one.at]!.close();
          return;
        case 'resize':
          this.channels[one.at]!.resize(one.size);
          return;
      }
    } catch (error) {
      if (!expected.has((error as { code: string }).code)) throw error;
    }
  }
}

test(
  'what is put arrives once, and nothing else does',
  () => {
    const sizesOfAll = fc.array(sizes, { minLength: channelCount, maxLength: channelCount });
    fc.assert(
      fc.property(sizesOfAll, fc.array(command, { maxLength: 30 }), (maxSizes, commands) => {
        const world = new World(maxSizes);
        commands.forEach((one, n) => {
          if ('spawn' in one) world.spawn(one.spawn);
          else if ('plain' in one) one.plain.forEach((step, m) => world.plain(step, `p.${n}.${m}`));
          else {
            hub().now += one.turn;
            hub().step();
          }
        });
        for (const thread of world.threads) thread.kill();
        hub().step();
        expect(world.threads.filter(({ state }) => state === 'failed')).toEqual([]);
        for (const [n, channel] of world.channels.entries()) {
          expect(channel.statistics()).toMatchObject({ getting: 0, putting: 0, handedOver: 0 });
          while (!channel.empty()) world.arrives(n, channel.getNowait());
        }
        expect([...world.got].sort()).toEqual([...world.put].sort());
        expect(new Set(world.got).size).toBe(world.got.length);
      }),
      { numRuns, seed },
    );
  },
  patience,
);
