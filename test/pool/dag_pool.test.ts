// DagPool: each thread goes on when it has what it depends on; errors go down the graph; collisions, kills and reports.
import { Collision, type DagFunction, DagPool, PropagateError, run, sleep, spawn } from 'verdant';
import { code, thrown } from '../core/thrown';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

type Log = string[];

// Gives its key and what it depends on, in the order in which that came.
function recorder(log: Log, ms = 0): DagFunction<string, string> {
  return (key, results) => {
    log.push(`${key} begins`);
    const parts: string[] = [];
    for (const [from, value] of results) {
      log.push(`${key} gets ${from}`);
      parts.push(value);
    }
    if (ms > 0) sleep(ms);
    log.push(`${key} ends`);
    return `${key}(${parts.join(' ')})`;
  };
}

const fail: DagFunction<string, string> = () => {
  throw new Error('mine');
};

test.each([
  ['an object', { a: '1', b: '2' }],
  ['a Map', new Map(Object.entries({ a: '1', b: '2' }))],
  ['pairs', Object.entries({ a: '1', b: '2' })],
])('%s can be preloaded, and is there at once', (_what, preload) => {
  const dag = new DagPool<string, string>(preload);
  expect([dag.keys(), dag.items(), dag.wait()]).toEqual([
    ['a', 'b'],
    Object.entries({ a: '1', b: '2' }),
    new Map(Object.entries({ a: '1', b: '2' })),
  ]);
});

test('each begins at once, goes on as its keys come, and gives its own', async () => {
  await run(() => {
    const dag = new DagPool<string, string>({ a: 'A' });
    const log: Log = [];
    dag.spawn('d', ['c', 'b', 'a'], recorder(log));
    dag.spawn('c', ['b'], recorder(log));
    sleep(0);
    expect(log).toEqual(['d begins', 'd gets a', 'c begins']);
    dag.post('b', 'B');
    expect(dag.waitAll()).toEqual(new Map(Object.entries({ a: 'A', b: 'B', c: 'c(B)', d: 'd(A B c(B))' })));
    expect(log.slice(3)).toEqual(['d gets b', 'c gets b', 'c ends', 'd gets c', 'd ends']);
  });
});

test('functions get more arguments, and spawn gives the green thread', async () => {
  await run(() => {
    const dag = new DagPool<string, number>();
    const thread = dag.spawn('a', [], (_key, _results, x: number, y: number) => x + y, 1, 2);
    expect([thread.wait(), dag.get('a')]).toEqual([3, 3]);
  });
});

test('spawnMany starts one for each key, in any order of dependence', async () => {
  await run(() => {
    const dag = new DagPool<string, string>();
    dag.spawnMany({ d: ['b', 'c'], c: ['a'], b: ['a'], a: [] }, recorder([]));
    expect(dag.wait(['d']).get('d')).toBe('d(c(a()) b(a()))');
  });
});

test('spawnMany starts none if one collides', async () => {
  await run(() => {
    const dag = new DagPool<string, string>({ b: 'B' });
    expect(thrown(() => dag.spawnMany({ a: [], b: [] }, recorder([])))).toEqual(code('ERR_VERDANT_COLLISION'));
    expect(dag.running()).toBe(0);
  });
});

test('a key can be used once', async () => {
  await run(() => {
    const dag = new DagPool<string, string>({ a: 'A' });
    const thread = dag.spawn('b', ['c'], recorder([]));
    const error = thrown(() => dag.spawn('a', [], recorder([]))) as Collision;
    expect([error.code, error.key, error instanceof Collision]).toEqual(['ERR_VERDANT_COLLISION', 'a', true]);
    expect(thrown(() => dag.spawn('b', [], recorder([])))).toEqual(code('ERR_VERDANT_COLLISION'));
    expect(thrown(() => dag.post('a', 'X'))).toEqual(code('ERR_VERDANT_COLLISION'));
    expect(thrown(() => dag.post('b', 'X'))).toEqual(code('ERR_VERDANT_COLLISION'));
    expect(thrown(() => dag.post('b', 'X', { replace: true }))).toEqual(code('ERR_VERDANT_COLLISION'));
    dag.kill('b');
    thread.join();
  });
});

test.each([[true], [{ replace: true }]])('a value can be replaced when asked for (%j)', (options) => {
  const dag = new DagPool<string, string>({ a: 'A' });
  dag.post('a', 'B', options);
  expect(dag.get('a')).toBe('B');
});

test('a thread may post its own value; what it returns is ignored then', async () => {
  await run(() => {
    const dag = new DagPool<string, string>();
    const log: Log = [];
    dag.spawn('a', [], (key) => {
      dag.post(key, 'early');
      sleep(10);
      log.push('a ends');
      return 'late';
    });
    expect([dag.wait(['a']).get('a'), log]).toEqual(['early', []]);
    sleep(20);
    expect([dag.get('a'), log]).toEqual(['early', ['a ends']]);
  });
});

describe('an error', () => {
  test('is thrown to all who ask, as a PropagateError that names the key', async () => {
    await run(() => {
      const dag = new DagPool<string, string>();
      dag.spawn('a', [], fail);
      const error = thrown(() => dag.wait(['a'])) as PropagateError;
      expect(error).toBeInstanceOf(PropagateError);
      expect([error.code, error.key, error.cause, error.exc]).toEqual([
        'ERR_VERDANT_PROPAGATE',
        'a',
        new Error('mine'),
        new Error('mine'),
      ]);
      for (const ask of [() => dag.get('a'), () => dag.items(), () => dag.waitAll(), () => [...dag.waitEach()]]) {
        expect(thrown(ask)).toBe(error);
      }
      expect(dag.keys()).toEqual(['a']);
    });
  });

  test('goes down the graph, link by link', async () => {
    await run(() => {
      const dag = new DagPool<string, string>();
      dag.spawn('c', ['b'], recorder([]));
      dag.spawn('b', ['a'], recorder([]));
      dag.spawn('a', [], fail);
      const error = thrown(() => dag.wait(['c'])) as PropagateError;
      const causes = [error, error.cause, (error.cause as PropagateError).cause] as PropagateError[];
      expect(causes.map((each) => each.key)).toEqual(['c', 'b', 'a']);
      expect(causes[2]!.cause).toEqual(new Error('mine'));
    });
  });

  test('may be handled by one that depends on it, which gets the other values still', async () => {
    await run(() => {
      const dag = new DagPool<string, string>({ b: 'B' });
      dag.spawn('a', [], fail);
      dag.spawn('c', ['a', 'b'], (_key, results) => {
        const seen: string[] = [];
        for (;;) {
          try {
            const step = results.next();
            if (step.done === true) return seen.join();
            seen.push(step.value[1]);
          } catch (error) {
            seen.push((error as PropagateError).key as string);
          }
        }
      });
      expect(dag.wait(['c']).get('c')).toBe('a,B');
    });
  });

  test('may be posted', async () => {
    await run(() => {
      const dag = new DagPool<string, string>();
      dag.post('a', new PropagateError('a', new Error('posted')));
      expect((thrown(() => dag.get('a')) as Error).cause).toEqual(new Error('posted'));
    });
  });

  test('is passed over by waitEachSuccess and given by waitEachException', async () => {
    await run(() => {
      const dag = new DagPool<string, string>({ b: 'B' });
      dag.spawn('a', [], fail);
      dag.spawn('c', [], recorder([], 1));
      expect([...dag.waitEachSuccess()]).toEqual([
        ['b', 'B'],
        ['c', 'c()'],
      ]);
      expect([...dag.waitEachException()]).toEqual([['a', expect.objectContaining({ key: 'a' })]]);
      expect([...dag.waitEachSuccess(['a'])]).toEqual([]);
    });
  });
});

describe('kill', () => {
  test('ends the thread and frees the key, for which others still wait', async () => {
    await run(() => {
      const dag = new DagPool<string, string>();
      const thread = dag.spawn('a', ['x'], recorder([]));
      const waiter = spawn(() => dag.wait(['a']).get('a'));
      sleep(0);
      dag.kill('a');
      expect([dag.running(), thread.join(), thread.state, dag.get('a')]).toEqual([0, true, 'killed', undefined]);
      expect(waiter.dead).toBe(false);
      dag.post('a', 'instead');
      expect(waiter.wait()).toBe('instead');
    });
  });

  test('of a key without a thread is refused', () => {
    const dag = new DagPool({ a: 1 });
    expect(thrown(() => dag.kill('a'))).toEqual(code('ERR_VERDANT_UNKNOWN_KEY'));
    expect(thrown(() => dag.kill('b'))).toEqual(code('ERR_VERDANT_UNKNOWN_KEY'));
  });

  test('of the thread itself, by somebody else, is an error of its key', async () => {
    await run(() => {
      const dag = new DagPool<string, string>();
      dag.spawn('a', ['x'], recorder([])).kill();
      expect((thrown(() => dag.wait(['a'])) as Error).cause).toEqual(code('ERR_VERDANT_KILLED'));
    });
  });
});

describe('waitEach', () => {
  test('gives those that are there first, then the others as they come', async () => {
    await run(() => {
      const dag = new DagPool<string, string>({ b: 'B' });
      dag.spawn('slow', [], recorder([], 20));
      dag.spawn('fast', [], recorder([], 10));
      expect([...dag.waitEach()].map(([key]) => key)).toEqual(['b', 'fast', 'slow']);
    });
  });

  test('of no keys ends at once, and of unknown ones waits for a post', async () => {
    await run(() => {
      const dag = new DagPool<string, string>();
      expect([...dag.waitEach([])]).toEqual([]);
      const waiter = spawn(() => [...dag.waitEach(['x', 'y'])]);
      sleep(0);
      dag.post('y', '2');
      dag.post('x', '1');
      expect(waiter.wait()).toEqual([
        ['y', '2'],
        ['x', '1'],
      ]);
    });
  });

  test('that is interrupted has lost nothing', async () => {
    await run(() => {
      const dag = new DagPool<string, string>();
      const each = dag.waitEach(['a', 'b']);
      expect(thrown(() => each.next({ timeout: 1 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
      dag.post('a', 'A');
      dag.post('b', 'B');
      expect([...each]).toEqual([
        ['a', 'A'],
        ['b', 'B'],
      ]);
    });
  });

  test('that is left early asks for no more', async () => {
    await run(() => {
      const dag = new DagPool<string, string>({ a: 'A' });
      const each = dag.waitEach(['a', 'x']);
      for (const [key] of each) if (key === 'a') break;
      dag.post('x', 'X');
      expect(each.next().done).toBe(true);
    });
  });

  test('a killed waiter hands its wake-up on', async () => {
    await run(() => {
      const dag = new DagPool<string, string>();
      const each = dag.waitEach(['a', 'b']);
      const [first, second] = [spawn(() => each.next().value), spawn(() => each.next().value)];
      sleep(0);
      dag.post('a', 'A'); // wakes the first
      first.kill();
      expect(second.wait()).toEqual(['a', 'A']);
      each.return();
    });
  });
});

test('wait gives up after its timeout and when its signal aborts', async () => {
  await run(() => {
    const dag = new DagPool<string, string>();
    expect(thrown(() => dag.wait(['a'], { timeout: 1 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
    const signal = AbortSignal.abort(new Error('aborted'));
    expect(thrown(() => dag.wait(['a'], { signal }))).toBe(signal.reason);
  });
});

test('tells what runs and what waits for what', async () => {
  await run(() => {
    const dag = new DagPool<string, string>({ a: 'A' });
    dag.spawn('b', ['a', 'c', 'x'], recorder([]));
    dag.spawn('c', [], recorder([], 10));
    sleep(0);
    expect([dag.running(), dag.runningKeys(), dag.waiting()]).toEqual([2, ['b', 'c'], 1]);
    expect(dag.waitingFor()).toEqual(new Map([['b', new Set(['c', 'x'])]]));
    expect([dag.waitingFor('b'), dag.waitingFor('c'), dag.waitingFor('a')]).toEqual([
      new Set(['c', 'x']),
      new Set(),
      new Set(),
    ]);
    expect(thrown(() => dag.waitingFor('x'))).toEqual(code('ERR_VERDANT_UNKNOWN_KEY'));
    dag.post('x', 'X');
    expect(dag.waitingFor('b')).toEqual(new Set(['c']));
    expect(dag.statistics()).toEqual({ values: 2, running: 2, waiting: 1 });
    dag.waitAll();
    expect([dag.running(), dag.waiting(), dag.waitingFor()]).toEqual([0, 0, new Map()]);
  });
});

test('get does not wait, and has a fallback', async () => {
  const dag = new DagPool<string, number>({ a: 1 });
  expect([dag.get('a'), dag.get('b'), dag.get('b', 'none')]).toEqual([1, undefined, 'none']);
});

test('keys are told apart as by a Map', async () => {
  const [one, other] = [{}, {}];
  const dag = new DagPool<unknown, number>([
    [one, 1],
    [NaN, 2],
  ]);
  expect([dag.get(one), dag.get(other), dag.get(NaN)]).toEqual([1, undefined, 2]);
});

test('wrong arguments are refused', () => {
  const dag = new DagPool<string, string>();
  for (const act of [
    () => new DagPool(3 as never),
    () => dag.spawn('a', 3 as never, fail),
    () => dag.spawn('a', [], 'x' as never),
    () => dag.spawnMany({ a: 3 } as never, fail),
    () => dag.wait(3 as never),
  ]) {
    expect(thrown(act)).toEqual(code('ERR_INVALID_ARG_TYPE'));
  }
});
