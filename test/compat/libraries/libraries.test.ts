// Libraries that depend on fibers or deasync, unmodified, on the packed project and its alias packages.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { slowness } from '../../support/children';

const root = join(__dirname, '../../..');
const minutes = 60_000 * slowness;

const libraries = {
  '@wdio/sync': '7.14.1',
  asyncblock: '2.2.12',
  'f-promise': '2.1.0',
  'meteor-promise': '0.9.0',
  sync: '0.2.5',
  synchronize: '2.0.0',
  'wait.for': '0.6.6',
};

/** What the libraries' own tests are written for. */
const tools = { chai: '4.5.0', mocha: '10.8.2', mz: '2.7.0', vows: '0.8.3' };

/** A project that has the libraries, and in place of fibers and deasync what this project publishes. */
function install(folder: string): void {
  const packages = ['.', './packages/fibers-compat', './packages/deasync-compat'];
  // The scripts would build the addon, which is here already.
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder, ...packages];
  execFileSync('npm', pack, { cwd: root, stdio: 'pipe' });
  const archives = readdirSync(folder);
  const archive = (name: RegExp): string => `file:./${archives.find((file) => name.test(file))!}`;
  const manifest = {
    private: true,
    dependencies: {
      verdant: archive(/^verdant-\d/),
      fibers: archive(/^verdant-fibers-\d/),
      deasync: archive(/^verdant-deasync-\d/),
      ...libraries,
      ...tools,
    },
    overrides: { verdant: '$verdant', fibers: '$fibers', deasync: '$deasync' },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', ...options], { cwd: folder, stdio: 'pipe' });
  cpSync(join(root, 'build/Release'), join(folder, 'node_modules/verdant/build/Release'), {
    recursive: true,
    filter: (path) => !path.includes('obj.target') && !path.includes('.deps'),
  });
}

// The program itself, and not the one that starts it as another process; its own limits know nothing of virtual time: `run`
// has one.
const mocha = ['node_modules/mocha/bin/_mocha', '--timeout', '0'];

describe('a project that depends on fibers and deasync', () => {
  let folder = '';

  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'verdant-compat-')));
    install(folder);
    cpSync(join(__dirname, 'programs/virtual_time.cjs'), join(folder, 'virtual_time.cjs'));
  }, 10 * minutes);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function run(args: string[]): { status: number | null; stdout: string; stderr: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: minutes,
    });
    return { status, stdout, stderr };
  }

  // Their own tests allow a few milliseconds by the wall clock, which a busy machine takes now and then.
  function runTheirTests(args: string[]): { status: number | null; stdout: string; stderr: string } {
    return run(['--require', './virtual_time.cjs', ...args]);
  }

  test('has the alias packages in place of the originals, for the libraries, too', () => {
    for (const [name, alias] of Object.entries({ fibers: 'verdant-fibers', deasync: 'verdant-deasync' })) {
      const found = [
        join(folder, 'x.js'),
        ...Object.keys(libraries).map((one) => join(folder, 'node_modules', one, 'x.js')),
      ]
        .map((file) => createRequire(file).resolve(`${name}/package.json`))
        .map((path) => JSON.parse(readFileSync(path, 'utf8')) as { name: string });
      expect(new Set(found.map((manifest) => manifest.name))).toEqual(new Set([alias]));
    }
  });

  test.each(['meteor_promise', 'wait_for', 'wdio_sync', 'deasync'])('program %s', (name) => {
    const program = join(folder, `${name}.cjs`);
    cpSync(join(__dirname, 'programs', `${name}.cjs`), program);
    expect(run([program])).toEqual({ status: 0, stdout: 'ok\n', stderr: '' });
  });

  test('f-promise: its own tests pass', () => {
    const result = runTheirTests([...mocha, 'node_modules/f-promise/build/test/f-promise-test.js']);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toContain('29 passing');
  });

  test('synchronize: its own tests pass', () => {
    // The one that is left out fails with fibers 5.0.3 on Node 14, too.
    const leftOut = ['--invert', '--grep', 'should throw error when not matched defer-await pair'];
    const result = runTheirTests([...mocha, ...leftOut, 'node_modules/synchronize/test/sync.js']);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toContain('27 passing');
  });

  test.each([
    ['functionality', 34],
    ['errors', 22],
    ['timeout', 8],
  ])('asyncblock: its own tests of %s pass', (name, honored) => {
    const result = runTheirTests(['node_modules/vows/bin/vows', `node_modules/asyncblock/tests/${name}.js`]);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toContain(`${honored} honored`);
  });

  test('sync: of its own tests those pass that pass on Node 14', () => {
    // The other two call assert.throws in a way that Node refuses since version 10.
    const { status, stdout } = runTheirTests(['node_modules/sync/test/index.js']);
    expect(status).toBe(0);
    expect(stdout.split('\n').sort()).toEqual(
      ['', 'async passed', 'done', 'fiber passed', 'sleep passed', 'test future failed', 'test sync failed'].sort(),
    );
  });

  test.each([
    ['simple', '5\n'],
    ['async', '5\n'],
    ['object', '5\n'],
    ['blocking', '5\n'],
  ])('sync: its example %s', (name, end) => {
    const { status, stdout, stderr } = runTheirTests([`node_modules/sync/examples/${name}.js`]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.startsWith('5\n') || stdout.endsWith(end)).toBe(true);
  });
});
