// useHub and VERDANT_HUB: which kind of hub this thread has.
import { join } from 'node:path';
import { run, sleep, spawn } from 'verdant';
import { availableHubs, getHub, NodeHub, useHub } from 'verdant/hub';
import { code, thrown } from '../core/thrown';
import { expectOk, runChild } from '../support/children';

class OwnHub extends NodeHub {
  override readonly name = 'own';
}

afterEach(() => {
  useHub('node');
});

test('the default is the hub on the loop of Node', () => {
  expect(getHub()).toBeInstanceOf(NodeHub);
  expect(getHub().name).toBe('node');
  expect(getHub()).toBe(getHub());
});

test('availableHubs lists the names that useHub takes', () => {
  expect(availableHubs()).toContain('node');
  for (const name of availableHubs()) expect(useHub(name).name).toBe(name);
});

test('a class of its own is used from then on, also after destroy', async () => {
  const hub = useHub(OwnHub);
  expect(hub).toBeInstanceOf(OwnHub);
  expect(getHub()).toBe(hub);
  expect(await run(() => (sleep(1), getHub().stats().name))).toBe('own');
  hub.destroy();
  expect(getHub()).toBeInstanceOf(OwnHub);
});

test('the hub before is destroyed', () => {
  const destroyed = jest.fn();
  getHub().on('destroy', destroyed);
  useHub(OwnHub);
  expect(destroyed).toHaveBeenCalledTimes(1);
});

test('an unknown name throws ERR_VERDANT_HUB that lists the known ones, and changes nothing', () => {
  const hub = getHub();
  const error = thrown(() => useHub('libev')) as Error;
  expect(error).toEqual(code('ERR_VERDANT_HUB'));
  expect(error.message).toContain("'libev'");
  expect(error.message).toContain('node');
  expect(getHub()).toBe(hub);
});

test.each(['constructor', 'toString', '__proto__', ''])('%p is no name of a hub', (name) => {
  expect(thrown(() => useHub(name))).toEqual(code('ERR_VERDANT_HUB'));
});

test.each([5, null, undefined, {}])('%p is refused', (kind) => {
  const hub = getHub();
  expect(thrown(() => useHub(kind as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  expect(getHub()).toBe(hub);
});

test('a class that is no hub is refused, and changes nothing', () => {
  const hub = getHub();
  expect(thrown(() => useHub(Map as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
  expect(getHub()).toBe(hub);
});

test('it is refused while green threads are alive', async () => {
  const hub = getHub();
  const thread = spawn(() => sleep(5));
  const error = thrown(() => useHub(OwnHub)) as Error;
  expect(error).toEqual(code('ERR_VERDANT_HUB'));
  expect(error.message).toContain('1 live green thread');
  expect(getHub()).toBe(hub);
  await thread;
});

test('VERDANT_HUB chooses the kind', async () => {
  await expectOk(__dirname, 'env_hub.cjs', { env: { VERDANT_HUB: 'node' } });
});

test('an unknown VERDANT_HUB is an error at first use, that names it', async () => {
  const result = await runChild(join(__dirname, 'children/env_hub.cjs'), { env: { VERDANT_HUB: 'nonsense' } });
  expect(result).toMatchObject({ code: 3, signal: null, stdout: 'imported\nERR_VERDANT_HUB\n', stderr: '' });
});

test('importing verdant has no side effect: the hub is made at first use', async () => {
  await expectOk(__dirname, 'lazy.cjs');
});

test('each Worker has a hub of its own', async () => {
  await expectOk(__dirname, 'worker_hubs.cjs');
});
