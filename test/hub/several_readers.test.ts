// Several green threads that wait for one descriptor, on every hub: refused unless asked for, then first come first served.
import { type GreenThread, joinAll, run, sleep, spawn } from 'verdant';
import { getHub, waitReadable, waitWritable } from 'verdant/hub';
import { code, thrown } from '../core/thrown';
import { describeEveryHub, passes } from '../support/every_hub';
import { Pipe } from '../support/pipe';

const several = { multipleReaders: true };

describeEveryHub(() => {
  let pipe: Pipe;
  let served: string[];
  beforeEach(() => {
    pipe = new Pipe();
    served = [];
  });
  afterEach(() => {
    pipe.close();
    expect(getHub().stats()).toMatchObject({ greenThreads: 0, listeners: 0 });
  });

  /** Waits in line, and takes one byte when it is woken. */
  function takeOne(name: string): void {
    waitReadable(pipe.readEnd, several);
    served.push(name + pipe.read(1));
  }

  function readers(...names: string[]): GreenThread<void>[] {
    const threads = names.map((name) => spawn({ name }, takeOne, name));
    sleep(0);
    return threads;
  }

  function firstParkedHere(): void {
    waitReadable(pipe.readEnd);
  }

  test('a second one is refused, and the error says who both are and where they are', async () => {
    await run(() => {
      const first = spawn({ name: 'one' }, firstParkedHere);
      sleep(0);
      const second = spawn({ name: 'two' }, function secondComesHere() {
        return thrown(() => waitReadable(pipe.readEnd)) as Error;
      });
      const error = second.wait();
      expect(error).toEqual(code('ERR_VERDANT_CONCURRENT_USE'));
      expect(error.name).toBe('ConcurrentUseError');
      const [, one, two] = /The first: ([^]*)\nThe second: ([^]*)/.exec(error.message) ?? [];
      expect(error.message).toContain(`file descriptor ${pipe.readEnd}`);
      expect(one).toMatch(/^one \(suspended\)[^]*at firstParkedHere .*several_readers/);
      expect(two).toMatch(/^two \(running\)/);
      expect(error.stack).toMatch(/at secondComesHere .*several_readers/);
      // The first one waits on, unharmed.
      pipe.write('x');
      first.wait();
    });
  });

  test('a second one that does not ask is refused behind several, too, and ready or not', async () => {
    await run(() => {
      const threads = readers('a', 'b');
      pipe.write('12');
      expect(thrown(() => waitReadable(pipe.readEnd))).toEqual(code('ERR_VERDANT_CONCURRENT_USE'));
      joinAll(threads);
    });
  });

  test('a second writer is refused likewise, and a reader beside a writer is not', async () => {
    await run(() => {
      pipe.fill();
      const first = spawn(() => waitWritable(pipe.writeEnd));
      sleep(0);
      expect((thrown(() => waitWritable(pipe.writeEnd)) as Error).message).toContain('A second writer');
      pipe.drain();
      first.wait();
    });
  });

  test('each byte goes to one of them, in the order in which they came', async () => {
    await run(() => {
      const threads = readers('a', 'b', 'c', 'd');
      for (const byte of '1234') {
        pipe.write(byte);
        passes();
      }
      joinAll(threads);
    });
    expect(served).toEqual(['a1', 'b2', 'c3', 'd4']);
  });

  test('what comes in one piece wakes as many as there is something for', async () => {
    await run(() => {
      const threads = readers('a', 'b', 'c', 'd');
      pipe.write('123');
      passes(6);
      expect(served).toEqual(['a1', 'b2', 'c3']);
      expect(getHub().stats().listeners).toBe(1);
      pipe.write('4');
      joinAll(threads);
    });
    expect(served).toEqual(['a1', 'b2', 'c3', 'd4']);
  });

  test('whoever comes later stands behind those who wait, although there is something to read', async () => {
    await run(() => {
      const early = readers('a', 'b');
      pipe.write('12');
      const late = readers('c');
      pipe.write('3');
      joinAll([...early, ...late]);
    });
    expect(served).toEqual(['a1', 'b2', 'c3']);
  });

  test('one that takes nothing lets the next be woken', async () => {
    await run(() => {
      const idle = spawn(() => waitReadable(pipe.readEnd, several));
      sleep(0);
      const [reader] = readers('a');
      pipe.write('1');
      idle.wait();
      reader!.wait();
    });
    expect(served).toEqual(['a1']);
  });

  test('writers in line are woken one after the other as room comes', async () => {
    await run(() => {
      pipe.fill();
      const threads = ['a', 'b', 'c'].map((name) =>
        spawn(() => {
          waitWritable(pipe.writeEnd, several);
          served.push(name);
          pipe.fill();
        }),
      );
      sleep(0);
      for (let round = 1; round <= 3; round += 1) {
        passes();
        expect(served).toHaveLength(round - 1);
        pipe.drain();
        passes();
      }
      joinAll(threads);
    });
    expect(served).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['killed', (thread: GreenThread<void>) => thread.kill()],
    ['cancelled by a signal', (_: GreenThread<void>, controller: AbortController) => controller.abort()],
  ])('when the first in line is %s, the next takes its place', async (_, end) => {
    await run(() => {
      const controller = new AbortController();
      const first = spawn(() => thrown(() => waitReadable(pipe.readEnd, { ...several, signal: controller.signal })));
      sleep(0);
      const [second] = readers('b');
      end(first as unknown as GreenThread<void>, controller);
      first.join();
      pipe.write('1');
      second!.wait();
    });
    expect(served).toEqual(['b1']);
  });

  test('when the first in line times out, the next takes its place', async () => {
    await run(() => {
      const first = spawn(() => thrown(() => waitReadable(pipe.readEnd, { ...several, timeout: 1 })));
      sleep(0);
      const [second] = readers('b');
      first.join();
      pipe.write('1');
      second!.wait();
    });
    expect(served).toEqual(['b1']);
  });

  test('a wake-up that a kill makes useless passes to the next in line', async () => {
    await run(() => {
      const first = spawn(() => {
        waitReadable(pipe.readEnd, several);
        sleep(0); // the kill meets it here, before it has taken anything
        served.push('never');
      });
      sleep(0);
      const [second] = readers('b');
      // Behind the call that wakes it, before it runs.
      const killed = new Promise<void>((resolve) => {
        const listener = getHub().add('write', pipe.writeEnd, () => {
          getHub().remove(listener);
          first.kill();
          resolve();
        });
      });
      pipe.write('1');
      first.join();
      second!.wait();
      void killed;
    });
    expect(served).toEqual(['b1']);
  });

  test('one in the middle of the line is taken out, and the order of the others stays', async () => {
    await run(() => {
      const threads = readers('a', 'b', 'c', 'd');
      threads[1]!.kill();
      threads[2]!.kill();
      pipe.write('12');
      joinAll(threads);
    });
    expect(served).toEqual(['a1', 'd2']);
  });

  test('all in line may be killed at once, and the descriptor serves the next who comes', async () => {
    await run(() => {
      const threads = readers('a', 'b', 'c');
      for (const thread of threads) thread.kill();
      joinAll(threads);
      expect(getHub().stats().listeners).toBe(0);
      const next = readers('d');
      pipe.write('1');
      joinAll(next);
    });
    expect(served).toEqual(['d1']);
  });

  test('a hundred of them share a thousand bytes evenly', async () => {
    const taken = new Map<number, number>();
    await run(() => {
      const threads = Array.from({ length: 100 }, (_, id) =>
        spawn(() => {
          for (let round = 0; round < 10; round += 1) {
            waitReadable(pipe.readEnd, several);
            pipe.read(1);
            taken.set(id, (taken.get(id) ?? 0) + 1);
          }
        }),
      );
      sleep(0);
      for (let round = 0; round < 100; round += 1) {
        pipe.write('0123456789');
        sleep(0);
      }
      joinAll(threads);
    });
    expect([...taken.values()]).toEqual(new Array<number>(100).fill(10));
  });
});
