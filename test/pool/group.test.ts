// Group: nothing outlives its scope, whatever ends that; the first failure ends the others; errors arrive once.
import { getCurrent, type GreenThread, Group, run, sleep, spawn, spawnAfter, wait, withTimeout } from 'verdant';
import { code, thrown } from '../core/thrown';
import { useVirtualClock } from '../support/virtual_clock';

useVirtualClock();

class Mine extends Error {}

const fail = (message: string): never => {
  throw new Mine(message);
};

// A scope that is over when this returns, with all that it has thrown.
function scope(body: (group: Group) => void): unknown {
  try {
    using group = new Group();
    body(group);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('the end of the scope', () => {
  test('waits for all, those that they have spawned there included', async () => {
    await run(() => {
      const ended: string[] = [];
      const error = scope((group) => {
        group.spawn(() => {
          sleep(5);
          group.spawn(() => (sleep(10), ended.push('grandchild')));
          ended.push('child');
        });
      });
      expect([error, ended]).toEqual([undefined, ['child', 'grandchild']]);
    });
  });

  test('without any is nothing, also in plain code', async () => {
    expect(scope(() => {})).toBeUndefined();
    await run(() => expect(scope(() => {})).toBeUndefined());
  });

  test('with one failure kills the others, waits for them, and throws that very error', async () => {
    await run(() => {
      const ended: string[] = [];
      const error = scope((group) => {
        group.spawn(() => {
          try {
            sleep(1000);
          } finally {
            ended.push('cleaned up');
          }
        });
        group.spawn(() => (sleep(1), fail('first')));
        group.spawn(() => ended.push('quick'));
      });
      expect([error, ended]).toEqual([new Mine('first'), ['quick', 'cleaned up']]);
    });
  });

  test('with several failures throws an AggregateError of all, whose cause is the first', async () => {
    await run(() => {
      const error = scope((group) => {
        group.spawn(() => {
          try {
            sleep(1000);
          } finally {
            fail('second'); // on its way out
          }
        });
        group.spawn(() => (sleep(1), fail('first')));
      }) as AggregateError;
      expect(error.name).toBe('AggregateError');
      expect([error.cause, error.errors]).toEqual([new Mine('first'), [new Mine('first'), new Mine('second')]]);
    });
  });

  test('leaves out what somebody has got by wait() already', async () => {
    await run(() => {
      const error = scope((group) => void group.spawn(() => fail('mine')).wait());
      expect(error).toEqual(new Mine('mine'));
      expect(scope((group) => void thrown(() => group.spawn(() => fail('handled')).wait()))).toBeUndefined();
    });
  });

  test('of one that was killed alone is no failure', async () => {
    await run(() => {
      let ended = 0;
      const error = scope((group) => {
        group.spawn(() => sleep(1000)).kill();
        group.spawn(() => (sleep(5), (ended += 1)));
        group.spawn({ signal: AbortSignal.abort(new Mine('aborted')) }, () => sleep(1000));
      });
      expect([error, ended]).toEqual([undefined, 1]);
    });
  });

  test('of one that was killed with an error is a failure', async () => {
    await run(() => {
      expect(scope((group) => group.spawn(() => sleep(1000)).kill(new Mine('killed')))).toEqual(new Mine('killed'));
    });
  });

  test('outside of a green thread kills', async () => {
    let child: GreenThread | null = null;
    expect(scope((group) => void (child = group.spawn(() => sleep(1000))))).toBeUndefined();
    await run(() => child!.join());
    expect(child!.state).toBe('killed');
  });

  test('in async code waits, by await using', async () => {
    const ended: number[] = [];
    {
      await using group = new Group();
      group.spawn(() => (sleep(5), ended.push(1)));
    }
    expect(ended).toEqual([1]);
    const failing = async (): Promise<void> => {
      await using group = new Group();
      group.spawn(() => sleep(1000));
      group.spawn(() => fail('mine'));
    };
    await expect(failing()).rejects.toEqual(new Mine('mine'));
  });
});

describe('when the scope’s own thread', () => {
  // The thread whose scope it is: `body` runs in it, and then it waits for its child.
  function owner(body: () => void, child: () => void): { thread: GreenThread; log: string[] } {
    const log: string[] = [];
    const thread = spawn(() => {
      using group = new Group();
      group.spawn(() => {
        try {
          child();
        } finally {
          log.push('child ended');
        }
      });
      body();
    });
    thread.link(() => log.push('owner ended'));
    return { thread, log };
  }

  test.each<[string, () => void]>([
    ['in the scope', () => sleep(1000)],
    ['at its end', () => {}],
  ])('is killed %s, the children end before it does', async (_where, body) => {
    await run(() => {
      const { thread, log } = owner(body, () => sleep(1000));
      sleep(1);
      thread.kill();
      sleep(1);
      expect([log, thread.state, thread.error]).toEqual([
        ['child ended', 'owner ended'],
        'killed',
        code('ERR_VERDANT_KILLED'),
      ]);
    });
  });

  test('is killed with an error, it ends with that', async () => {
    await run(() => {
      const { thread, log } = owner(() => sleep(1000), () => sleep(1000)); // prettier-ignore
      sleep(1);
      const reason = new Mine('killed');
      thread.kill(reason);
      expect(thrown(() => thread.wait())).toBe(reason);
      sleep(0);
      expect(log).toEqual(['child ended', 'owner ended']);
    });
  });

  test('is killed twice, it ends once, and quietly', async () => {
    await run(() => {
      const { thread, log } = owner(
        () => sleep(1000),
        () => {
          try {
            sleep(1000);
          } catch {
            // Takes its time: three more turns.
            for (let count = 0; count < 3; count += 1) thrown(() => sleep(0));
          }
        },
      );
      sleep(1);
      thread.kill();
      sleep(0);
      thread.kill();
      thread.join();
      sleep(0);
      expect([log, thread.error]).toEqual([['child ended', 'owner ended'], code('ERR_VERDANT_KILLED')]);
    });
  });

  test.each<[string, () => void]>([
    ['in the scope', () => sleep(1000)],
    ['at its end', () => {}],
  ])('runs into a Timeout %s, the children are killed and it goes on with the Timeout', async (_where, body) => {
    await run(() => {
      let child: GreenThread | null = null;
      const inScope = (): unknown =>
        scope((group) => {
          child = group.spawn(() => sleep(1000));
          body();
        });
      const error = thrown(() =>
        withTimeout(1, () => {
          throw inScope();
        }),
      );
      expect([error, child!.state]).toEqual([code('ERR_VERDANT_TIMEOUT'), 'killed']);
    });
  });

  test('has got over a Timeout of its own in the scope, the children are waited for', async () => {
    await run(() => {
      let ended = 0;
      const error = scope((group) => {
        group.spawn(() => (sleep(10), (ended += 1)));
        expect(withTimeout(1, () => sleep(1000), { value: 'late' })).toBe('late');
      });
      expect([error, ended]).toEqual([undefined, 1]);
    });
  });
});

describe('Group.run', () => {
  test('gives what the function returns, when all have ended', async () => {
    await run(() => {
      let ended = 0;
      const result = Group.run((group) => {
        group.spawn(() => (sleep(5), (ended += 1)));
        return 'result';
      });
      expect([result, ended]).toEqual(['result', 1]);
    });
  });

  test('kills the children when the function throws, and throws that', async () => {
    await run(() => {
      let child: GreenThread | null = null;
      const error = thrown(() =>
        Group.run((group) => {
          child = group.spawn(() => sleep(1000));
          fail('mine');
        }),
      );
      expect([error, child!.state]).toEqual([new Mine('mine'), 'killed']);
    });
  });

  test('throws what a child throws', async () => {
    await run(() => {
      expect(thrown(() => Group.run((group) => void group.spawn(() => fail('mine'))))).toEqual(new Mine('mine'));
    });
  });
});

describe('join', () => {
  test('waits for all, and the group may be used again', async () => {
    await run(() => {
      const group = new Group();
      const child = group.spawn(() => sleep(5));
      expect([group.join(), child.state, group.running()]).toEqual([true, 'done', 0]);
      group.spawn(() => sleep(5));
      expect(group.statistics()).toEqual({ running: 1, waiting: 0, spawned: 2, failed: 0 });
      expect([group.join({ timeout: 1 }), group.join()]).toEqual([false, true]);
    });
  });

  test('throws failures once', async () => {
    await run(() => {
      const error = scope((group) => {
        group.spawn(() => fail('mine'));
        expect(thrown(() => group.join())).toEqual(new Mine('mine'));
        expect(group.join()).toBe(true);
      });
      expect(error).toBeUndefined();
    });
  });

  test('in one of its own is refused', async () => {
    await run(() => {
      const group = new Group();
      const child = group.spawn(() => group.join());
      expect(thrown(() => child.wait())).toEqual(code('ERR_VERDANT_DEADLOCK'));
    });
  });

  test('that is aborted leaves the children alone', async () => {
    await run(() => {
      const group = new Group();
      const child = group.spawn(() => sleep(5));
      const signal = AbortSignal.abort(new Mine('aborted'));
      expect([thrown(() => group.join({ signal })), child.dead]).toEqual([signal.reason, false]);
      group.join();
    });
  });
});

describe('kill', () => {
  test('ends all, quietly, and no more can be spawned', async () => {
    await run(() => {
      const group = new Group();
      const children = [1, 2].map(() => group.spawn(() => sleep(1000)));
      sleep(1);
      group.kill(new Mine('away'));
      expect(group.join()).toBe(true);
      expect(children.map((child) => child.error)).toEqual([new Mine('away'), new Mine('away')]);
      expect(thrown(() => group.spawn(() => {}))).toEqual(code('ERR_VERDANT_CLOSED'));
    });
  });

  test('by one of its own ends that too', async () => {
    await run(() => {
      const group = new Group();
      let went = 'nowhere';
      group.spawn(() => (group.kill(), (went = 'on')));
      const other = group.spawn(() => sleep(1000));
      expect([group.join(), went, other.state]).toEqual([true, 'nowhere', 'killed']);
    });
  });

  test('aborts the group’s signal, and so does a failure', async () => {
    await run(() => {
      const group = new Group();
      const { signal } = group;
      expect(signal.aborted).toBe(false);
      group.spawn(() => fail('mine'));
      expect(thrown(() => wait(new Promise(() => {}), { signal }))).toEqual(code('ERR_VERDANT_KILLED'));
      expect(thrown(() => group.join())).toEqual(new Mine('mine'));
    });
  });
});

test('after its scope nothing can be spawned in it', async () => {
  await run(() => {
    let group: Group | null = null;
    scope((made) => (group = made));
    expect(thrown(() => group!.spawn(() => {}))).toEqual(code('ERR_VERDANT_CLOSED'));
  });
});

describe('a signal', () => {
  test('that aborts kills all, and the group throws its reason', async () => {
    await run(() => {
      const controller = new AbortController();
      const group = new Group({ signal: controller.signal });
      const child = group.spawn(() => sleep(1000));
      spawnAfter(1, () => controller.abort(new Mine('aborted')));
      expect([thrown(() => group.join()), child.state]).toEqual([new Mine('aborted'), 'killed']);
    });
  });

  test('that one of the children aborts kills that one at its next suspension', async () => {
    await run(() => {
      const controller = new AbortController();
      const log: unknown[] = [];
      const group = new Group({ signal: controller.signal });
      group.spawn(() => {
        controller.abort(new Mine('aborted'));
        log.push('on', thrown(() => sleep(0))); // prettier-ignore
      });
      expect(thrown(() => group[Symbol.dispose]())).toEqual(new Mine('aborted'));
      expect(log).toEqual(['on', new Mine('aborted')]);
    });
  });

  test('that has aborted before lets none in', async () => {
    const group = new Group({ signal: AbortSignal.abort() });
    expect(thrown(() => group.spawn(() => {}))).toEqual(code('ERR_VERDANT_CLOSED'));
  });
});

test('spawn takes options, and gives a green thread of its own', async () => {
  await run(() => {
    const group = new Group();
    const child = group.spawn({ name: 'child' }, (a: number) => [getCurrent()!.name, a], 1);
    expect(child.wait()).toEqual(['child', 1]);
    expect(thrown(() => group.spawn('x' as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
    expect(thrown(() => new Group({ signal: 1 as never }))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  });
});

test('groups nest: a kill goes all the way down, and what was there ends before what holds it', async () => {
  await run(() => {
    const order: number[] = [];
    const nest = (depth: number): void => {
      try {
        using group = new Group();
        group.spawn(() => (depth === 0 ? sleep(1000) : nest(depth - 1)));
      } finally {
        order.push(depth);
      }
    };
    const thread = spawn(nest, 3);
    sleep(1);
    thread.kill();
    thread.join();
    expect(order).toEqual([0, 1, 2, 3]);
  });
});
