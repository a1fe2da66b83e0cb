// <verdant | verdant blocking | async | callbacks | sync> <operations> : small files, one after the other and 100 at once; CPU
// time of the process, its pool's threads included, in microseconds of one operation.
const fs = require('node:fs');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const [kind] = process.argv.slice(2);
const operations = Number(process.argv[3]);
const atOnce = 100;

const folder = mkdtempSync(join(tmpdir(), 'verdant-bench-'));
const source = join(folder, 'source');
const content = Buffer.alloc(4096, 'x');
const target = (number) => join(folder, `target${number % atOnce}`);

const promised = {
  read: () => fs.promises.readFile(source),
  write: (number) => fs.promises.writeFile(target(number), content),
  stat: () => fs.promises.stat(source),
};
const called = {
  read: (_number, done) => fs.readFile(source, done),
  write: (number, done) => fs.writeFile(target(number), content, done),
  stat: (_number, done) => fs.stat(source, done),
};
const synchronous = {
  read: () => fs.readFileSync(source),
  write: (number) => fs.writeFileSync(target(number), content),
  stat: () => fs.statSync(source),
};

/** `lane(name, n)`: so many operations, one after the other; all lanes of `many` run at once. */
function green(operation) {
  const { joinAll, run, spawn } = require('verdant');
  const lane = (name, n, first = 0) => {
    for (let i = 0; i < n; i += 1) operation(name, first + i);
  };
  return {
    one: (name) => run(() => lane(name, operations)),
    many: (name) =>
      run(() => joinAll(Array.from({ length: atOnce }, (_, index) => spawn(lane, name, operations / atOnce, index)))),
  };
}

function waiting() {
  const { wait } = require('verdant');
  return green((name, number) => wait(promised[name](number)));
}

function asynchronous() {
  const lane = async (name, n, first = 0) => {
    for (let i = 0; i < n; i += 1) await promised[name](first + i);
  };
  return {
    one: (name) => lane(name, operations),
    many: (name) => Promise.all(Array.from({ length: atOnce }, (_, index) => lane(name, operations / atOnce, index))),
  };
}

function callbacks() {
  const lane = (name, n, first = 0) =>
    new Promise((resolve, reject) => {
      let i = 0;
      const next = (error) => {
        if (error) return reject(error);
        if (i === n) return resolve();
        called[name](first + i++, next);
      };
      next();
    });
  return {
    one: (name) => lane(name, operations),
    many: (name) => Promise.all(Array.from({ length: atOnce }, (_, index) => lane(name, operations / atOnce, index))),
  };
}

function blocked() {
  const all = (name) => {
    for (let i = 0; i < operations; i += 1) synchronous[name](i);
  };
  return { one: all, many: all };
}

function viewed() {
  const { blocking } = require('verdant');
  const view = blocking(fs).promises;
  const operationsOf = {
    read: () => view.readFile(source),
    write: (number) => view.writeFile(target(number), content),
    stat: () => view.stat(source),
  };
  return green((name, number) => operationsOf[name](number));
}

const kinds = { verdant: waiting, 'verdant blocking': viewed, async: asynchronous, callbacks, sync: blocked };

async function main() {
  writeFileSync(source, content);
  const ways = kinds[kind]();
  const figures = {};
  for (const name of Object.keys(promised)) {
    for (const way of ['one', 'many']) {
      await ways[way](name); // warming up
      const start = process.cpuUsage();
      await ways[way](name);
      const { user, system } = process.cpuUsage(start);
      figures[`${name} ${way}`] = (user + system) / operations;
    }
  }
  console.log(JSON.stringify(figures));
}

main().finally(() => rmSync(folder, { recursive: true }));
