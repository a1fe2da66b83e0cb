// DagPool on random graphs, with failures, kills, posts and interrupted waiters: every value is what the graph says.
import fc from 'fast-check';
import { DagPool, isTimeout, PropagateError, sleep, spawn, spawnAfter } from 'verdant';
import { useVirtualClock } from '../support/virtual_clock';
import { playHistories } from './support/histories';

useVirtualClock();

const node = fc.record({
  depends: fc.array(fc.nat(11), { maxLength: 4 }),
  ms: fc.nat(3),
  end: fc.constantFrom('returns', 'returns', 'returns', 'throws', 'posts', 'killed'),
});
const graph = fc.record({
  nodes: fc.array(node, { minLength: 1, maxLength: 12 }),
  order: fc.array(fc.nat(100), { minLength: 12, maxLength: 12 }),
  waiters: fc.array(fc.record({ after: fc.nat(4), timeout: fc.nat(6), keys: fc.array(fc.nat(11)) }), { maxLength: 4 }),
});

test('every graph comes to what it says', async () => {
  await playHistories(graph, ({ nodes, order, waiters }) => {
    const dag = new DagPool<number, number>();
    const dependsOf = (key: number): number[] => [...new Set(nodes[key]!.depends.filter((other) => other < key))];
    // The model: a number, or the key at which the error began.
    const expected: (number | { origin: number })[] = [];
    for (const [key, { end }] of nodes.entries()) {
      const inputs = dependsOf(key).map((other) => expected[other]!);
      const broken = inputs.some((input) => typeof input === 'object');
      if (end === 'killed') expected.push(-key);
      else if (broken) expected.push({ origin: -1 });
      else if (end === 'throws') expected.push({ origin: key });
      else expected.push(1 + (inputs as number[]).reduce((sum, input) => sum + input, 0));
    }
    const keys = nodes.map((_, key) => key).sort((a, b) => order[a]! - order[b]!);
    for (const key of keys) {
      dag.spawn(key, dependsOf(key), (_key, results) => {
        let sum = 1;
        for (const [, value] of results) sum += value;
        sleep(nodes[key]!.ms);
        if (nodes[key]!.end === 'throws') throw new Error(`${key}`);
        if (nodes[key]!.end === 'posts') {
          dag.post(key, sum);
          sleep(1);
          return NaN;
        }
        return sum;
      });
    }
    for (const key of keys) {
      if (nodes[key]!.end !== 'killed') continue;
      dag.kill(key);
      spawnAfter(2, () => dag.post(key, -key));
    }
    const interrupted = waiters.map(({ after, timeout, keys: asked }) =>
      spawn(() => {
        sleep(after);
        try {
          dag.wait(asked.filter((key) => key < nodes.length), { timeout }); // prettier-ignore
        } catch (error) {
          expect(isTimeout(error) || error instanceof PropagateError).toBe(true);
        }
      }),
    );
    const seen = new Map<number, number | PropagateError>();
    const good = spawn(() => [...dag.waitEachSuccess(nodes.keys())]);
    for (const [key, error] of dag.waitEachException(nodes.keys())) seen.set(key, error);
    for (const [key, value] of good.wait()) seen.set(key, value);
    for (const [key, value] of expected.entries()) {
      const found = seen.get(key);
      if (typeof value === 'number') {
        expect([found, dag.get(key)]).toEqual([value, value]);
        continue;
      }
      let error = found as PropagateError;
      expect(error.key).toBe(key);
      while (error.cause instanceof PropagateError) {
        expect(dependsOf(error.key as number)).toContain(error.cause.key);
        error = error.cause;
      }
      expect([nodes[error.key as number]!.end, (error.cause as Error).message]).toEqual(['throws', String(error.key)]);
    }
    for (const thread of interrupted) thread.wait();
    sleep(10); // those that have posted, and go on
    expect(dag.statistics()).toEqual({ values: nodes.length, running: 0, waiting: 0 });
  });
});
