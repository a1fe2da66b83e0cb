// The one place that knows what must come from Debian, and how to see whether it is there.
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Failure, run } from './run.mjs';

const command = (name) => () => process.env.PATH.split(delimiter).some((folder) => existsSync(join(folder, name)));
const file = (path) => () => existsSync(path);
// PostgreSQL's programs lie beside the PATH, in a folder for each version.
const postgres = () => existsSync('/usr/lib/postgresql') && readdirSync('/usr/lib/postgresql').length > 0;

const packages = {
  'g++': command('g++'),
  make: command('make'),
  python3: command('python3'),
  cmake: command('cmake'),
  'doctest-dev': file('/usr/include/doctest/doctest.h'),
  valgrind: command('valgrind'),
  'clang-format': command('clang-format'),
  'clang-tidy': command('clang-tidy'),
  'g++-aarch64-linux-gnu': command('aarch64-linux-gnu-g++'),
  'qemu-user-static': command('qemu-aarch64-static'),
  'libc6:arm64': file('/lib/ld-linux-aarch64.so.1'),
  'libstdc++6:arm64': file('/usr/lib/aarch64-linux-gnu/libstdc++.so.6'),
  'util-linux': command('taskset'),
  'golang-go': command('go'),
  wrk: command('wrk'),
  postgresql: postgres,
  'redis-server': command('redis-server'),
  chromium: command('chromium'),
  'python3-eventlet': file('/usr/lib/python3/dist-packages/eventlet/__init__.py'),
  'python3-gevent': file('/usr/lib/python3/dist-packages/gevent/__init__.py'),
};

/** Named sets, so that a newcomer who only wants the demo needs no clang-tidy. */
const sets = {
  build: ['g++', 'make', 'python3'],
  lint: ['clang-format', 'clang-tidy'],
  cpp: ['cmake', 'doctest-dev', 'valgrind'],
  arm64: ['g++-aarch64-linux-gnu', 'qemu-user-static', 'libc6:arm64', 'libstdc++6:arm64'],
  db: ['postgresql', 'redis-server'],
  browser: ['chromium'],
  bench: ['g++', 'util-linux', 'golang-go', 'wrk', 'python3-eventlet', 'python3-gevent'],
};

/** Makes sure that the sets' packages are there: installs them as root in CI, else names them and gives up. */
export async function needDebian(...names) {
  const missing = names.flatMap((name) => sets[name]).filter((name) => !packages[name]());
  if (missing.length === 0) return;
  const foreign = missing.some((name) => name.endsWith(':arm64'));
  const steps = [
    ...(foreign ? [['dpkg', '--add-architecture', 'arm64']] : []),
    ['apt-get', 'update'],
    ['apt-get', 'install', '-y', '--no-install-recommends', ...missing],
  ];
  if (process.env.CI === 'true' && process.getuid() === 0) {
    for (const [name, ...args] of steps) await run(name, args, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
    return;
  }
  const lines = steps.map((words) => `  sudo ${words.join(' ')}`).join('\n');
  throw new Failure(`missing from this machine: ${missing.join(', ')}. On Debian:\n${lines}`);
}
