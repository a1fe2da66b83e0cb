// The same tests once for each kind of hub that this machine has: describe.each(availableHubs())('hub %s', ...).
import { useHub } from 'verdant/hub';

/** For the tests of the `describe` it is called in. */
export function onHub(name: string): void {
  beforeAll(() => {
    useHub(name);
  });
  afterAll(() => {
    useHub('node');
  });
}
