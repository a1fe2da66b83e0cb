// Groups in random trees, with failures, kills, timeouts and aborts: nothing outlives its scope, and no error is lost or made up.
import fc from 'fast-check';
import { type GreenThread, Group, isTimeout, sleep, spawn, withTimeout } from 'verdant';
import { useVirtualClock } from '../support/virtual_clock';
import { playHistories } from './support/histories';

useVirtualClock();

interface Tree {
  before: number;
  end: 'returns' | 'throws';
  how: 'using' | 'run';
  limit: number | null;
  children: Tree[];
}

const tree: fc.Memo<Tree> = fc.memo((depth) =>
  fc.record({
    before: fc.nat(4),
    end: fc.constantFrom('returns', 'returns', 'returns', 'throws'),
    how: fc.constantFrom('using', 'run'),
    limit: fc.option(fc.nat(6), { freq: 3 }),
    children: depth <= 1 ? fc.constant([]) : fc.array(tree(depth - 1), { maxLength: 3 }),
  }),
);
const history = fc.record({
  tree: tree(4),
  kills: fc.array(fc.record({ at: fc.nat(8), which: fc.nat(20), custom: fc.boolean() }), { maxLength: 4 }),
});

class Mine extends Error {}

test('in every tree of groups, all are joined or killed, and every error is somebody’s', async () => {
  await playHistories(history, ({ tree: root, kills }) => {
    const threads: GreenThread[] = [];
    let violations = 0;
    const made = new Set<unknown>();
    const mine = (what: string): Mine => {
      const error = new Mine(what);
      made.add(error);
      return error;
    };

    const live = (node: Tree): void => {
      const own: GreenThread[] = [];
      const body = (group: Group): void => {
        for (const child of node.children) {
          const thread = group.spawn(() => live(child));
          own.push(thread);
          threads.push(thread);
        }
        sleep(node.before);
        if (node.end === 'throws') throw mine('thrown');
      };
      const scope = (): void => {
        if (node.how === 'run') {
          Group.run(body);
          return;
        }
        using group = new Group();
        body(group);
      };
      try {
        if (node.limit === null) scope();
        else withTimeout(node.limit, scope);
      } finally {
        violations += own.filter((thread) => !thread.dead).length;
      }
    };

    const main = spawn(live, root);
    threads.push(main);
    const killers = kills.map(({ at, which, custom }) =>
      spawn(() => {
        sleep(at);
        const thread = threads[which % threads.length]!;
        thread.kill(custom ? mine('killed') : undefined);
      }),
    );
    main.join();
    for (const killer of killers) killer.join();
    expect(violations).toBe(0);
    expect(threads.filter((thread) => !thread.dead)).toEqual([]);
    expectKnown(main.error, made);
  });
});

// Errors come out as they were made, or several of them in one.
function expectKnown(error: unknown, made: Set<unknown>): void {
  if (error === undefined || made.has(error) || isTimeout(error)) return;
  const { code, name, errors, suppressed } = error as {
    code?: string;
    name: string;
    errors?: unknown[];
    suppressed?: unknown;
  };
  if (code === 'ERR_VERDANT_KILLED' || code === 'ERR_VERDANT_CLOSED') return;
  expect(['AggregateError', 'SuppressedError']).toContain(name);
  const inner = errors ?? [(error as { error?: unknown }).error, suppressed];
  for (const each of inner) expectKnown(each, made);
}
