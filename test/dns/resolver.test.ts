// Resolver: the answers of a DNS server in Node's shapes, its errors, and that an interrupted query is cancelled.
import dns from 'node:dns';
import { run, spawn } from 'verdant';
import { getHub } from 'verdant/hub';
import * as green from 'verdant/dns';
import { Resolver } from 'verdant/dns';
import { connect, DatagramSocket, listen } from 'verdant/net';
import { code, thrown } from '../core/thrown';
import { letOthersRun, openDescriptors } from '../net/support/sockets';
import { type NameServer, records, startNameServer, type Zone } from './support/name_server';

const zone: Zone = {
  'host.test A': [records.a('192.0.2.1'), records.a('192.0.2.2')],
  'host.test AAAA': [records.aaaa('20010db8000000000000000000000001')],
  'four.test A': [records.a('127.0.0.1')],
  'four.test AAAA': [],
  'alias.test CNAME': [records.name('CNAME', 'host.test')],
  'zone.test NS': [records.name('NS', 'ns1.test')],
  'zone.test MX': [records.mx(10, 'mail.test')],
  'zone.test TXT': [records.txt('one', 'two')],
  'zone.test SOA': [records.soa('ns1.test', 'admin.test')],
  'zone.test ANY': [records.mx(10, 'mail.test'), records.txt('one')],
  '_http._tcp.test SRV': [records.srv(1, 2, 80, 'web.test')],
  '1.2.0.192.in-addr.arpa PTR': [records.name('PTR', 'host.test')],
  'missing.test A': 'none',
  'missing.test AAAA': 'none',
};

// Newer versions of Node say the type, too.
const mail: unknown = expect.objectContaining({ exchange: 'mail.test', priority: 10 });

let server: NameServer;
let resolver: Resolver;

beforeEach(() => {
  server = startNameServer(zone);
  resolver = new Resolver({ timeout: 30_000, tries: 1 });
  resolver.setServers([server.address]);
});

afterEach(() => server.stop());

test.each<[string, () => unknown, unknown]>([
  ['resolve4', () => resolver.resolve4('host.test'), ['192.0.2.1', '192.0.2.2']],
  ['resolve4 with ttl', () => resolver.resolve4('host.test', { ttl: true })[0], { address: '192.0.2.1', ttl: 77 }],
  ['resolve6', () => resolver.resolve6('host.test'), ['2001:db8::1']],
  ['resolve6 with ttl', () => resolver.resolve6('host.test', { ttl: true }), [{ address: '2001:db8::1', ttl: 77 }]],
  ['resolveCname', () => resolver.resolveCname('alias.test'), ['host.test']],
  ['resolveNs', () => resolver.resolveNs('zone.test'), ['ns1.test']],
  ['resolveMx', () => resolver.resolveMx('zone.test'), [mail]],
  ['resolveTxt', () => resolver.resolveTxt('zone.test'), [['one', 'two']]],
  ['resolveSoa', () => resolver.resolveSoa('zone.test').nsname, 'ns1.test'],
  ['resolveSrv', () => resolver.resolveSrv('_http._tcp.test')[0]!.port, 80],
  ['resolvePtr', () => resolver.resolvePtr('1.2.0.192.in-addr.arpa'), ['host.test']],
  ['reverse', () => resolver.reverse('192.0.2.1'), ['host.test']],
  ['resolve', () => resolver.resolve('host.test'), ['192.0.2.1', '192.0.2.2']],
  ['resolve of a kind', () => resolver.resolve('zone.test', 'NS'), ['ns1.test']],
  ['resolveAny', () => resolver.resolveAny('zone.test').map(({ type }) => type), ['MX', 'TXT']],
  [
    'lookupAll',
    () => resolver.lookupAll('host.test').map(({ address }) => address),
    ['192.0.2.1', '192.0.2.2', '2001:db8::1'],
  ],
  [
    'lookupAll of one family',
    () => resolver.lookupAll('host.test', { family: 6 }),
    [{ address: '2001:db8::1', family: 6 }],
  ],
  ['lookupAll where one family has none', () => resolver.lookupAll('four.test'), [{ address: '127.0.0.1', family: 4 }]],
  ['lookupAll of an address', () => resolver.lookupAll('::1'), [{ address: '::1', family: 6 }]],
  [
    'lookupAll of localhost',
    () => resolver.lookupAll('localhost', { family: 4 }),
    [{ address: '127.0.0.1', family: 4 }],
  ],
])('%s', async (_name, ask, expected) => {
  expect(await run(ask)).toEqual(expected);
});

test.each([
  ['resolve4', 'queryA'],
  ['lookupAll', 'queryA'],
] as const)("%s of a name that does not exist throws Node's ENOTFOUND", async (method, syscall) => {
  const error = await run(() => thrown(() => resolver[method]('missing.test')));
  expect(error).toMatchObject({ code: 'ENOTFOUND', syscall, hostname: 'missing.test' });
});

test('a wrong argument is refused as by Node, and leaves nothing', async () => {
  await run(() => {
    expect(thrown(() => resolver.resolve4(5 as never))).toEqual(code('ERR_INVALID_ARG_TYPE'));
    expect(thrown(() => resolver.resolve('host.test', 'NONSENSE'))).toEqual(code('ERR_INVALID_ARG_VALUE'));
    expect(thrown(() => resolver.setServers(['nonsense']))).toEqual(code('ERR_INVALID_IP_ADDRESS'));
    expect(resolver.resolve4('host.test')).toHaveLength(2);
  });
});

test('many queries run at the same time', async () => {
  const answers = await run(() => {
    const threads = Array.from({ length: 50 }, () => spawn(() => resolver.resolve4('host.test')));
    return threads.map((thread) => thread.wait());
  });
  expect(answers).toEqual(Array.from({ length: 50 }, () => ['192.0.2.1', '192.0.2.2']));
});

describe('a query that is interrupted is cancelled, and its socket closed', () => {
  // The server says nothing to this, and c-ares alone would wait for half a minute.
  const silent = 'silent.test';

  async function expectNothingLeft(interrupt: () => void): Promise<void> {
    const before = openDescriptors();
    await run(interrupt);
    await run(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.asked).toContain(`${silent} A`);
    expect(openDescriptors()).toBe(before);
  }

  test('by its timeout', async () => {
    await expectNothingLeft(() => {
      expect(thrown(() => resolver.resolve4(silent, { timeout: 50 }))).toEqual(code('ERR_VERDANT_TIMEOUT'));
    });
  });

  test('by a signal', async () => {
    const controller = new AbortController();
    await expectNothingLeft(() => {
      const asking = spawn(() => thrown(() => resolver.resolve4(silent, { signal: controller.signal })));
      while (server.asked.length === 0) letOthersRun();
      controller.abort('enough');
      expect(asking.wait()).toBe('enough');
    });
  });

  test('by a kill, and no other query with it', async () => {
    await expectNothingLeft(() => {
      const asking = spawn(() => resolver.lookupAll(silent));
      const other = spawn(() => thrown(() => resolver.resolve4('other.test', { timeout: 100 })));
      while (server.asked.length < 3) letOthersRun();
      asking.kill();
      asking.join();
      expect(other.wait()).toEqual(code('ERR_VERDANT_TIMEOUT'));
    });
  });

  test('by cancel(), which ends all of them', async () => {
    await expectNothingLeft(() => {
      const asking = spawn(() => thrown(() => resolver.resolve4(silent)));
      while (server.asked.length === 0) letOthersRun();
      resolver.cancel();
      expect(asking.wait()).toEqual(code('ECANCELLED'));
    });
  });
});

test('setServers is for queries from then on', async () => {
  const second = startNameServer({ 'host.test A': [records.a('192.0.2.99')] });
  try {
    await run(() => {
      expect(resolver.resolve4('host.test')).toHaveLength(2);
      resolver.setServers([second.address]);
      expect(resolver.getServers()).toEqual([second.address]);
      expect(resolver.resolve4('host.test')).toEqual(['192.0.2.99']);
    });
  } finally {
    second.stop();
  }
});

test('setLocalAddress says where queries come from', async () => {
  using listener = new DatagramSocket('127.0.0.1:0');
  resolver.setServers([`127.0.0.1:${listener.address.port}`]);
  resolver.setLocalAddress('127.0.0.9');
  const from = await run(() => {
    const asking = spawn(() => resolver.resolve4('host.test'));
    const { address } = listener.recvFrom({ timeout: 5000 });
    asking.kill();
    asking.join();
    return address.host;
  });
  expect(from).toBe('127.0.0.9');
});

test('the functions of the module ask the servers of dns.setServers()', async () => {
  const before = dns.getServers();
  dns.setServers([server.address]);
  try {
    await run(() => {
      expect(green.resolve4('host.test')).toEqual(['192.0.2.1', '192.0.2.2']);
      expect(green.resolveMx('zone.test')).toEqual([mail]);
    });
  } finally {
    dns.setServers(before);
  }
});

test('connect asks the resolver that it is given', async () => {
  await run(() => {
    using listener = listen('127.0.0.1:0');
    const { port } = listener.address;
    using socket = connect({ host: 'four.test', port }, { lookup: resolver.lookupAll });
    expect(socket.remoteAddress).toMatchObject({ host: '127.0.0.1', port });
    const missing = thrown(() => connect('missing.test:80', { lookup: resolver.lookupAll }));
    expect(missing).toEqual(code('ENOTFOUND'));
    const empty = thrown(() => connect('empty.test:80', { lookup: () => [] }));
    expect(empty).toEqual(code('ENOTFOUND'));
  });
});

test('listen asks the resolver that it is given', async () => {
  await run(() => {
    using listener = listen('four.test:0', { lookup: resolver.lookupAll });
    expect(listener.address.host).toBe('127.0.0.1');
  });
});

test('outside of a green thread it says so', () => {
  expect(thrown(() => resolver.resolve4('host.test'))).toEqual(code('ERR_VERDANT_NOT_GREEN'));
  expect(thrown(() => resolver.lookupAll('::1'))).toEqual(code('ERR_VERDANT_NOT_GREEN'));
  expect(getHub().stats().timers).toBe(0);
});
