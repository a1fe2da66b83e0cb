// Real database servers for a test file: started in a temporary folder on a free port, gone when the tests are over.
/* eslint-disable jest/no-export, jest/no-disabled-tests, jest/expect-expect, jest/valid-title -- it holds no tests itself:
   those are the callers', and so are their names; without the server there is nothing to test */
import { type ChildProcess, execFileSync, spawn, type SpawnOptions } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { slowness } from '../../support/children';

/** How long a server may take to start, in milliseconds. */
const patience = 60_000;

/** The folder of PostgreSQL's programs, which Debian keeps out of the PATH; the newest version. */
const postgresFolder = ((): string | undefined => {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')));
})();

const redisServer = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'redis-server'))
  .find(existsSync);

/** Runs `body` with a PostgreSQL server; or says why not. */
export function describePostgres(name: string, body: (port: () => number) => void): void {
  describeServer(name, 'postgresql', postgresFolder, startPostgres, body);
}

/** Runs `body` with a Redis server; or says why not. */
export function describeRedis(name: string, body: (port: () => number) => void): void {
  describeServer(name, 'redis-server', redisServer, startRedis, body);
}

interface Started {
  port: number;
  stop: () => Promise<void>;
}

function describeServer(
  name: string,
  debian: string,
  program: string | undefined,
  start: (program: string) => Promise<Started>,
  body: (port: () => number) => void,
): void {
  if (program === undefined) {
    describe.skip(`${name} (SKIPPED: ${debian} is not installed; apt-get install ${debian})`, () => {
      test('needs the server', () => undefined);
    });
    return;
  }
  describe(name, () => {
    let started: Started;
    beforeAll(async () => {
      started = await start(program);
    }, patience * slowness);
    afterAll(() => started.stop(), patience * slowness);
    body(() => started.port);
  });
}

async function startPostgres(folder: string): Promise<Started> {
  const { directory, identity } = makeDirectory('postgres');
  const options: SpawnOptions = { ...identity, cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] };
  const data = join(directory, 'data');
  const flags = ['-D', data, '-A', 'trust', '-U', 'verdant', '--no-sync', '-E', 'UTF8', '--locale=C'];
  execFileSync(join(folder, 'initdb'), flags, { ...identity, cwd: directory, stdio: 'pipe' });
  const port = await freePort();
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=30', '-c', 'fsync=off'];
  const child = spawn(
    join(folder, 'postgres'),
    ['-D', data, '-k', directory, '-p', String(port), ...settings],
    options,
  );
  await ready(child, /ready to accept connections/);
  // SIGINT: it ends its connections and then itself.
  return { port, stop: () => stop(child, 'SIGINT', directory) };
}

async function startRedis(program: string): Promise<Started> {
  const { directory, identity } = makeDirectory('redis');
  const port = await freePort();
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', directory];
  const child = spawn(program, flags, { ...identity, cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  await ready(child, /Ready to accept connections/);
  return { port, stop: () => stop(child, 'SIGTERM', directory) };
}

// PostgreSQL refuses to run as root, and nobody should have to.
function makeDirectory(user: string): { directory: string; identity: { uid?: number; gid?: number } } {
  const directory = mkdtempSync(join(tmpdir(), `verdant-${user}-`));
  if (process.getuid?.() !== 0) return { directory, identity: {} };
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  const identity = { uid: idOf('-u'), gid: idOf('-g') };
  chownSync(directory, identity.uid, identity.gid);
  return { directory, identity };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function ready(child: ChildProcess, sign: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (text: Buffer): void => {
      said += text.toString();
      if (sign.test(said)) resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`It exited with code ${code}:\n${said}`)));
  });
}

async function stop(child: ChildProcess, signal: NodeJS.Signals, directory: string): Promise<void> {
  const gone = new Promise((resolve) => child.on('close', resolve));
  child.kill(signal);
  await gone;
  rmSync(directory, { recursive: true, force: true });
}
