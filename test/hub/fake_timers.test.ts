// Pins that the hub does not depend on the global timers, which test frameworks replace.
import { run, sleep, spawn } from 'verdant';

afterEach(() => jest.useRealTimers());

test("green threads run and sleep while jest's fake timers are in force", async () => {
  jest.useFakeTimers();
  const seen: string[] = [];
  await run(() => {
    const child = spawn(() => {
      sleep(2);
      seen.push('child');
    });
    sleep(0);
    child.wait();
    seen.push('parent');
  });
  expect(seen).toEqual(['child', 'parent']);
});
