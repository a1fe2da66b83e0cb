// lookup() and lookupService(): what the system says, and how a caller lets go of a system call that cannot be stopped.
import { promises as dns } from 'node:dns';
import { readFileSync } from 'node:fs';
import { run, spawn } from 'verdant';
import { lookup, lookupAll, lookupService } from 'verdant/dns';
import { code, thrown } from '../core/thrown';
import { letOthersRun } from '../net/support/sockets';

/** The names of the hosts file, each with its addresses. */
function hosts(): Map<string, string[]> {
  const entries = new Map<string, string[]>();
  for (const line of readFileSync('/etc/hosts', 'utf8').split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    for (const name of names) entries.set(name, [...(entries.get(name) ?? []), address!]);
  }
  return entries;
}

test('every name of the hosts file has the address that it has there', async () => {
  const names = [...hosts()].filter(([name]) => !name.includes('localhost'));
  for (const [name, addresses] of [['localhost', ['127.0.0.1', '::1']] as const, ...names]) {
    const { address } = await run(() => lookup(name));
    expect(addresses).toContain(address);
  }
});

test('gives one address, or all of them, of the family that was asked for', async () => {
  await run(() => {
    expect(lookup('localhost', { family: 4 })).toEqual({ address: '127.0.0.1', family: 4 });
    expect(lookup('localhost', { family: 4, all: true })).toEqual([{ address: '127.0.0.1', family: 4 }]);
    expect(lookupAll('localhost', { family: 4 })).toEqual([{ address: '127.0.0.1', family: 4 }]);
  });
});

test('a numeric address comes back as it is, with its scope', async () => {
  await run(() => {
    expect(lookup('192.0.2.7')).toEqual({ address: '192.0.2.7', family: 4 });
    expect(lookup('fe80::1%lo')).toEqual({ address: 'fe80::1%lo', family: 6 });
  });
});

test('says what Node says, many at a time', async () => {
  const expected = await dns.lookup('localhost', { all: true });
  const answers = await run(() => {
    const threads = Array.from({ length: 20 }, () => spawn(() => lookup('localhost', { all: true })));
    return threads.map((thread) => thread.wait());
  });
  expect(answers).toEqual(threadsOf(20, expected));
});

function threadsOf<T>(length: number, value: T): T[] {
  return Array.from({ length }, () => value);
}

test("throws Node's own error, with its code", async () => {
  const error = await run(() => thrown(() => lookup('no such name')));
  expect(error).toMatchObject({ syscall: 'getaddrinfo', hostname: 'no such name', code: expect.any(String) });
});

test('refuses wrong arguments as Node does', async () => {
  await run(() => {
    expect(thrown(() => lookup(5 as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
    expect(thrown(() => lookup('localhost', { family: 7 as 4 }))).toEqual(code('ERR_INVALID_ARG_VALUE'));
    expect(thrown(() => lookup('localhost', { timeout: -1 }))).toEqual(code('ERR_OUT_OF_RANGE'));
  });
});

describe('while the system takes its time', () => {
  let answer: (value: never) => void;

  beforeEach(() => {
    jest.spyOn(dns, 'lookup').mockImplementation(() => new Promise((resolve) => (answer = resolve)) as never);
  });

  afterEach(() => jest.restoreAllMocks());

  test('a timeout ends the wait', async () => {
    const error = await run(() => thrown(() => lookup('slow.test', { timeout: 5 })));
    expect(error).toEqual(code('ERR_VERDANT_TIMEOUT'));
  });

  test('a signal ends the wait', async () => {
    const controller = new AbortController();
    const outcome = run(() => thrown(() => lookup('slow.test', { signal: controller.signal })));
    await run(() => letOthersRun());
    controller.abort('enough');
    expect(await outcome).toBe('enough');
  });

  test("a kill ends the wait, and the answer that comes later is nobody's", async () => {
    await run(() => {
      const asking = spawn(() => lookup('slow.test'));
      letOthersRun();
      asking.kill();
      asking.join();
      answer({ address: '192.0.2.1', family: 4 } as never);
      letOthersRun();
      expect(asking.state).toBe('killed');
    });
  });
});

test('lookupService names an address and a port', async () => {
  const { service } = await run(() => lookupService('127.0.0.1', 80, { timeout: 10_000 }));
  expect(['http', '80']).toContain(service);
});

test('lookupService refuses wrong arguments as Node does', async () => {
  await run(() => {
    expect(thrown(() => lookupService('nonsense', 80))).toEqual(code('ERR_INVALID_ARG_VALUE'));
    expect(thrown(() => lookupService('127.0.0.1', -1))).toEqual(code('ERR_SOCKET_BAD_PORT'));
  });
});

test('outside of a green thread it says so', () => {
  expect(thrown(() => lookup('localhost'))).toEqual(code('ERR_VERDANT_NOT_GREEN'));
  expect(thrown(() => lookupService('127.0.0.1', 80))).toEqual(code('ERR_VERDANT_NOT_GREEN'));
});
