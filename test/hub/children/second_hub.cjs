// Hubs of realms beside the main one, in one thread: each kind beside each kind, in both orders of coming and going.
const assert = require('node:assert');
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname } = require('node:path');
const vm = require('node:vm');
const main = { ...require('verdant'), ...require('verdant/hub'), ...require('verdant/net') };

/** Verdant once more, in a realm of its own: with its own globals, as a test runner or a plugin host does it. */
function otherRealm() {
  const context = vm.createContext({
    process,
    Buffer,
    console,
    setTimeout,
    setImmediate,
    AbortController,
    AbortSignal,
  });
  const cache = new Map();
  const load = (path) => {
    if (!path.endsWith('.js')) return require(path); // the addon
    if (!cache.has(path)) {
      const module = { exports: {} };
      cache.set(path, module);
      const resolver = Module.createRequire(path);
      const fn = vm.compileFunction(
        readFileSync(path, 'utf8'),
        ['exports', 'require', 'module', '__filename', '__dirname'],
        { parsingContext: context, filename: path },
      );
      const require_ = (name) => {
        const resolved = resolver.resolve(name);
        return resolved.startsWith('/') && !resolved.includes('node_modules') ? load(resolved) : resolver(name);
      };
      fn(module.exports, require_, module, path, dirname(path));
    }
    return cache.get(path).exports;
  };
  return {
    ...load(require.resolve('verdant')),
    ...load(require.resolve('verdant/hub')),
    ...load(require.resolve('verdant/net')),
  };
}

async function work({ run, sleep, socketPair, spawn, wait }) {
  await run(() => {
    const [left, right] = socketPair();
    const echo = spawn(() => {
      for (let piece = right.recv(); piece.length > 0; piece = right.recv()) right.sendAll(piece);
      right.close();
    });
    for (let round = 0; round < 30; round += 1) {
      left.sendAll(String(round));
      assert.strictEqual(String(left.recv(100, { timeout: 5_000 })), String(round));
      if (round % 10 === 0) sleep(1);
      if (round % 7 === 0) wait(new Promise((resolve) => setTimeout(resolve, 1)));
    }
    left.close();
    echo.wait();
  });
}

(async () => {
  const kinds = main.availableHubs();
  for (const first of kinds) {
    for (const second of kinds) {
      main.useHub(first);
      const other = otherRealm();
      assert.notStrictEqual(other.getHub, main.getHub);
      other.useHub(second);
      await Promise.all([work(main), work(other), work(main), work(other)]);
      assert.deepStrictEqual([main.getHub().name, other.getHub().name], [first, second]);
      // The one that owned the wait goes; the other one goes on.
      main.getHub().destroy();
      await work(other);
      main.useHub(first);
      await Promise.all([work(main), work(other)]);
      other.getHub().destroy();
      await work(main);
      const third = otherRealm();
      third.useHub(second);
      await Promise.all([work(third), work(main)]);
      third.getHub().destroy();
      main.getHub().destroy();
    }
  }
  console.log('ok');
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
