// Pins what switchInterval may be, and that green threads get on with the smallest one.
import { run, sleep, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import { describeEveryHub } from '../support/every_hub';

describeEveryHub(() => {
  afterEach(() => {
    getHub().switchInterval = 5;
  });

  test('with no budget at all, green threads still take turns and end', async () => {
    getHub().switchInterval = 0;
    const seen: string[] = [];
    await run(() => {
      const other = spawn(() => {
        for (let round = 0; round < 3; round += 1) {
          seen.push('other');
          sleep(0);
        }
      });
      for (let round = 0; round < 3; round += 1) {
        seen.push('one');
        sleep(0);
      }
      other.wait();
    });
    expect(seen).toEqual(['one', 'other', 'one', 'other', 'one', 'other']);
  });

  test.each([NaN, -1, Infinity])('%p is refused, and changes nothing', (ms) => {
    const set = (): void => {
      getHub().switchInterval = ms;
    };
    expect(set).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
    expect(getHub().switchInterval).toBe(5);
  });
});
