// Native frames to be suspended in: each calls `inner` from some builtin, and checks what the builtin made of it.
const { AsyncResource, executionAsyncId } = require('node:async_hooks');
const { EventEmitter } = require('node:events');
const { Module } = require('node:module');
const { inspect } = require('node:util');
const { deserialize, serialize } = require('node:v8');
const vm = require('node:vm');
const { wait } = require('verdant');
const { storage } = require('./subject.cjs');

const sandboxes = [1, 2, 3].map(() => vm.createContext({}));
const inSandbox = new vm.Script('(inner) => { const before = {}; const got = inner(); return [before, got]; }');

// (import "m" "f" (func (param i32) (result i32))) (func (export "run") (param i32) (result i32) f(x) + x)
const wasm = Buffer.from(
  '0061736d0100000001060160017f017f020701016d016600000302010007070103' + '72756e00010a0b0109002000100020006a0b',
  'hex',
);
const wasmModule = typeof WebAssembly === 'undefined' ? null : new WebAssembly.Module(wasm);

const major = Number(process.versions.node.split('.')[0]);

const shuffled = ({ random }) => Array.from({ length: random.int(3, 40) }, () => random.int(0, 1000));
const isSorted = (list) => list.every((value, index) => index === 0 || list[index - 1] <= value);

const frames = {
  sort(subject, inner) {
    const list = shuffled(subject).map((value) => ({ value }));
    const sum = list.reduce((total, { value }) => total + value, 0);
    list.sort((a, b) => a.value - b.value + inner());
    subject.check(isSorted(list.map(({ value }) => value)), 'the array is not sorted');
    subject.check(list.reduce((total, { value }) => total + value, 0) === sum, 'sorting lost an item');
  },
  typedSort(subject, inner) {
    const list = Float64Array.from(shuffled(subject));
    list.sort((a, b) => a - b + inner());
    subject.check(isSorted([...list]), 'the typed array is not sorted');
  },
  toSorted(subject, inner) {
    const list = shuffled(subject);
    subject.check(isSorted(list.toSorted((a, b) => a - b + inner())), 'toSorted() gave something else');
  },
  replace(subject, inner) {
    const text = 'a1b22c333'.repeat(subject.random.int(1, 3));
    const got = text.replace(/(\d)(\d*)/g, (all, first) => `<${first}${inner()}>`);
    subject.check(got === text.replace(/(\d)\d*/g, '<$10>'), `replace() gave ${got}`);
  },
  replaceAll(subject, inner) {
    const got = 'x.y.z'.replaceAll('.', () => `-${inner()}`);
    subject.check(got === 'x-0y-0z', `replaceAll() gave ${got}`);
  },
  regexpMethods(subject, inner) {
    const pattern = /b/y;
    const exec = (text) => (inner(), text === '' ? null : Object.assign(['b'], { index: 1, input: 'abc' }));
    Object.defineProperty(pattern, 'exec', { value: exec });
    subject.check(pattern.test('abc') && 'abc'.search(pattern) === 1, 'a RegExp method gave something else');
  },
  toJson(subject, inner) {
    const item = (n) => ({ toJSON: () => ({ n: n + inner() }) });
    const got = JSON.stringify({ a: item(1), b: [item(2), { c: item(3) }], d: 'e' });
    subject.check(got === '{"a":{"n":1},"b":[{"n":2},{"c":{"n":3}}],"d":"e"}', `stringify() gave ${got}`);
  },
  replacer(subject, inner) {
    const got = JSON.stringify({ a: 1, b: [2, { c: 3 }] }, (_, value) =>
      typeof value === 'number' ? value + inner() : value,
    );
    subject.check(got === '{"a":1,"b":[2,{"c":3}]}', `stringify() gave ${got}`);
  },
  reviver(subject, inner) {
    const got = JSON.parse('{"a":[1,2,{"b":3}],"c":"d"}', (_, value) =>
      typeof value === 'number' ? value + 1 + inner() : value,
    );
    subject.check(got.a[0] === 2 && got.a[2].b === 4 && got.c === 'd', 'parse() gave something else');
  },
  accessors(subject, inner) {
    const target = {
      get half() {
        return 21 + inner();
      },
      set half(value) {
        this.stored = value + inner();
      },
      get ['computed']() {
        return { deep: this.half };
      },
    };
    target.half = 5;
    const { computed } = target;
    const copy = Object.assign({}, target, { ...target });
    subject.check(computed.deep === 21 && copy.half === 21 && copy.stored === 5, 'an accessor gave something else');
  },
  proxy(subject, inner) {
    const traps = {
      get: (target, key) => (inner(), target[key]),
      set: (target, key, value) => (inner(), Reflect.set(target, key, value)),
      has: (target, key) => (inner(), key in target),
      ownKeys: (target) => (inner(), Reflect.ownKeys(target)),
      getOwnPropertyDescriptor: (target, key) => (inner(), Reflect.getOwnPropertyDescriptor(target, key)),
      getPrototypeOf: () => (inner(), EventEmitter.prototype),
      deleteProperty: (target, key) => (inner(), Reflect.deleteProperty(target, key)),
    };
    const proxy = new Proxy({ a: 1, b: 2 }, traps);
    proxy.c = 3;
    delete proxy.a;
    const sound = 'b' in proxy && proxy instanceof EventEmitter && Object.keys(proxy).join() === 'b,c' && proxy.c === 3;
    subject.check(sound, 'a Proxy gave something else');
  },
  proxyCall(subject, inner) {
    const proxy = new Proxy(function () {}, {
      apply: (_, self, args) => self.base + args[0] + inner(),
      construct: (_, args) => ({ built: args[0] + inner() }),
    });
    subject.check(proxy.call({ base: 1 }, 2) === 3 && new proxy(4).built === 4, 'a Proxy call gave something else');
  },
  generator(subject, inner) {
    let closed = 0;
    function* leaf(n) {
      try {
        yield n + inner();
        yield n + 1 + inner();
      } finally {
        closed += 1;
        inner();
      }
    }
    function* trunk() {
      yield* leaf(1);
      yield* leaf(10);
    }
    subject.check([...trunk()].join() === '1,2,10,11' && closed === 2, 'a generator gave something else');
    for (const value of trunk()) if (value === 10) break;
    subject.check(closed === 4, 'a generator was not closed');
  },
  iterator(subject, inner) {
    let closed = 0;
    const iterable = {
      [Symbol.iterator]: () => {
        let n = 0;
        return {
          next: () => ({ value: ((n += 1), n + inner()), done: n > 4 }),
          return: () => ((closed += 1), inner(), {}),
        };
      },
    };
    const [first, second] = iterable;
    const all = new Set(iterable);
    const sum = Math.max(...iterable);
    subject.check(first === 1 && second === 2 && all.size === 4 && sum === 4, 'an iterator gave something else');
    subject.check(closed === 1, 'an iterator was not closed');
  },
  construct(subject, inner) {
    class Base {
      field = 1 + inner();
      constructor(n) {
        this.n = n + inner();
      }
    }
    class Derived extends Base {
      own = this.n + inner();
      static tag = inner();
    }
    const made = new Derived(5);
    const reflected = Reflect.construct(Base, [7], Derived);
    subject.check(made.own === 5 && made.field === 1 && reflected.n === 7, 'a constructor gave something else');
    subject.check(reflected instanceof Derived, 'Reflect.construct gave something else');
  },
  evaluate(subject, inner) {
    const got = eval('let x = 40; x += inner(); x + 2');
    const made = new Function('inner', 'return [inner(), inner(), 1].length')(inner);
    subject.check(got === 42 && made === 3, 'eval gave something else');
  },
  context(subject, inner) {
    const sandbox = subject.random.pick(sandboxes);
    const [before, got] = inSandbox.runInContext(sandbox)(inner);
    const foreign = before.constructor !== Object && vm.runInContext('Object', sandbox) === before.constructor;
    subject.check(foreign && got === 0, 'a vm context gave something else');
  },
  contextDirect(subject, inner) {
    const sandbox = subject.random.pick(sandboxes);
    const name = `f${subject.threadId}`;
    sandbox[name] = inner;
    try {
      subject.check(vm.runInContext(`1 + ${name}()`, sandbox) === 1, 'vm.runInContext gave something else');
    } finally {
      delete sandbox[name];
    }
  },
  arrayFrom(subject, inner) {
    const doubled = Array.from({ length: 4 }, (_, index) => index * 2 + inner());
    const mapped = Array.from(new Set([1, 2, 3]), (value) => value + inner());
    subject.check(doubled.join() === '0,2,4,6' && mapped.join() === '1,2,3', 'Array.from gave something else');
  },
  forEach(subject, inner) {
    let sum = 0;
    new Map([
      [1, 2],
      [3, 4],
    ]).forEach((value, key) => (sum += value + key + inner()));
    new Set([5, 6]).forEach((value) => (sum += value + inner()));
    [7, 8].forEach((value) => (sum += value + inner()));
    subject.check(sum === 36, `forEach gave ${sum}`);
  },
  arrayMethods(subject, inner) {
    const list = [1, 2, 3, 4];
    const sound =
      list.map((value) => value + inner()).join() === '1,2,3,4' &&
      list.filter((value) => value % 2 === inner()).join() === '2,4' &&
      list.reduce((sum, value) => sum + value + inner(), 0) === 10 &&
      list.flatMap((value) => [value, inner()]).length === 8 &&
      list.some((value) => value + inner() === 4) &&
      list.every((value) => value + inner() > 0) &&
      list.findLast((value) => value + inner() < 3) === 2;
    subject.check(sound, 'an array method gave something else');
  },
  typedMethods(subject, inner) {
    const list = Int32Array.of(1, 2, 3);
    const sound =
      list.map((value) => value * 2 + inner()).join() === '2,4,6' && list.filter(() => inner() === 0).length === 3;
    subject.check(sound, 'a typed array method gave something else');
  },
  concat(subject, inner) {
    const list = Array.from({ length: 300 }, (_, index) => index);
    const spreadable = {
      get length() {
        for (let n = 0; n < 150; n += 1) list.shift();
        inner();
        return 1;
      },
      0: 'last',
      [Symbol.isConcatSpreadable]: true,
    };
    const got = [].concat([1, 2], list, spreadable);
    subject.check(got.at(-1) === 'last' && got.length === 303 && list.length === 150, `concat gave ${got.length}`);
    subject.check(list[0] === 150 && list.at(-1) === 299, 'shift() damaged the array');
  },
  join(subject, inner) {
    const item = { toString: () => `i${inner()}` };
    const got = [item, [item, 'x'], item].join('-');
    subject.check(got === 'i0-i0,x-i0', `join() gave ${got}`);
  },
  conversions(subject, inner) {
    const value = {
      valueOf: () => 20 + inner(),
      [Symbol.toPrimitive]: (hint) => (hint === 'string' ? 's' : 20 + inner()),
    };
    const tagged = ((strings, ...values) => strings.join('|') + values.map((v) => +v + inner()).join())`a${value}b`;
    const sound = value * 2 === 40 && `${value}` === 's' && tagged === 'a|b20' && new Date(value).getTime() === 20;
    subject.check(sound, 'a conversion gave something else');
  },
  hasInstance(subject, inner) {
    const kind = { [Symbol.hasInstance]: () => inner() === 0 };
    subject.check({} instanceof kind, 'instanceof gave something else');
  },
  groupBy(subject, inner) {
    if (Object.groupBy === undefined) return;
    const groups = Object.groupBy([1, 2, 3], (value) => (value % 2) + inner());
    subject.check(groups[1].length === 2 && groups[0].length === 1, 'groupBy gave something else');
  },
  emitter(subject, inner) {
    const emitter = new EventEmitter();
    const seen = [];
    emitter.on('event', (value) => seen.push(value + inner()));
    emitter.on('event', function (value) {
      seen.push(this === emitter, value + inner());
    });
    subject.check(emitter.emit('event', 3) && seen.join() === '3,true,3', 'emit() gave something else');
  },
  target(subject, inner) {
    const target = new EventTarget();
    let seen = 0;
    let thrown = null; // an EventTarget reports what a listener throws as uncaught
    target.addEventListener('event', (event) => {
      try {
        seen += event.type.length + inner();
      } catch (error) {
        thrown = { error };
      }
    });
    target.dispatchEvent(new Event('event'));
    if (thrown !== null) throw thrown.error;
    subject.check(seen === 5, 'dispatchEvent() gave something else');
  },
  asyncScope(subject, inner) {
    const resource = new AsyncResource('STRESS');
    const got = resource.runInAsyncScope(() => subject.inContext({ asyncId: resource.asyncId() }, inner));
    subject.check(got === 0, 'runInAsyncScope() gave something else');
  },
  asyncBind(subject, inner) {
    const bound = storage.run({ bound: subject.name }, () =>
      AsyncResource.bind(() => {
        const here = storage.getStore();
        subject.check(here.bound === subject.name, 'bind() lost the store');
        subject.inContext({ store: here, asyncId: executionAsyncId() }, inner);
        return here;
      }),
    );
    subject.check(bound().bound === subject.name, 'a bound function gave something else');
    subject.verify('after a bound function');
    inner();
  },
  storeRun(subject, inner) {
    const store = { run: subject.random.next() };
    const got = storage.run(store, () => subject.inContext({ store }, inner));
    subject.check(got === 0, 'AsyncLocalStorage.run() gave something else');
  },
  storeExit(subject, inner) {
    // Before Node 24, exit() turns the whole AsyncLocalStorage off for its duration, for everybody.
    if (major < 24) return;
    // Node does not restore the store after exit() when there was none before: enterWith() inside of it then stays.
    if (subject.store === undefined) return;
    storage.exit(() => {
      subject.inContext({ store: undefined }, inner);
    });
    subject.verify('after AsyncLocalStorage.exit()');
  },
  storeEnter(subject, inner) {
    const store = { entered: subject.random.next() };
    storage.enterWith(store);
    subject.store = store;
    inner();
  },
  wasmImport(subject, inner) {
    if (wasmModule === null) return;
    const { exports } = new WebAssembly.Instance(wasmModule, { m: { f: (x) => x * 2 + inner() } });
    subject.check(exports.run(7) === 21, 'WebAssembly gave something else');
  },
  tryCatchFinally(subject, inner) {
    const error = new Error('mine');
    const trail = [];
    const work = () => {
      try {
        trail.push('try');
        inner();
        throw error;
      } catch (caught) {
        if (caught !== error) throw caught;
        trail.push('catch');
        inner();
      } finally {
        trail.push('finally');
        inner();
      }
      return trail.join();
    };
    subject.check(work() === 'try,catch,finally', 'finally was left out');
  },
  structuredClone(subject, inner) {
    const value = {
      get n() {
        return 3 + inner();
      },
      list: [1, 2],
    };
    const copy = structuredClone(value);
    subject.check(copy.n === 3 && copy.list.length === 2, 'structuredClone gave something else');
  },
  serialize(subject, inner) {
    const value = {
      get n() {
        return 4 + inner();
      },
    };
    subject.check(deserialize(serialize(value)).n === 4, 'v8.serialize gave something else');
  },
  options(subject, inner) {
    const answer = (value) => ({
      get() {
        inner();
        return value;
      },
    });
    const properties = Object.defineProperties({}, { value: answer(5), enumerable: answer(true) });
    const made = Object.defineProperty({}, 'own', properties);
    const error = new Error('outer', Object.defineProperty({}, 'cause', answer('inner')));
    const options = Object.defineProperties({}, { minimumFractionDigits: answer(2), useGrouping: answer(false) });
    const text = new Intl.NumberFormat('en', options).format(1234);
    const sound = made.own === 5 && error.cause === 'inner' && text === '1234.00';
    subject.check(sound, `options gave ${made.own}, ${error.cause}, ${text}`);
  },
  species(subject, inner) {
    class List extends Array {
      constructor(...args) {
        super(...args);
        inner();
      }
    }
    const list = List.from([1, 2, 3]);
    const [rest, gone] = [list.slice(1), list.splice(0, 2)];
    const sound = rest instanceof List && rest.length === 2 && gone[1] === 2 && list.length === 1 && list[0] === 3;
    subject.check(sound, 'Symbol.species gave something else');
  },
  entries(subject, inner) {
    const pair = (key, value) => ({
      0: key,
      1: value,
      get length() {
        return 2;
      },
    });
    function* pairs() {
      yield pair('a', 1 + inner());
      yield pair('b', 2 + inner());
    }
    const [object, map] = [Object.fromEntries(pairs()), new Map(pairs())];
    subject.check(object.a === 1 && object.b === 2 && map.get('b') === 2, 'entries gave something else');
  },
  executor(subject, inner) {
    const promise = new Promise((resolve) => {
      inner();
      resolve(7);
    });
    promise.catch(() => undefined); // the constructor catches what `inner` throws; wait() brings it back
    subject.check(wait(promise) === 7, 'a promise gave something else');
  },
  inspected(subject, inner) {
    const item = { [inspect.custom]: () => `seen${inner()}` };
    const got = inspect({ item, list: [item] });
    subject.check(got === '{ item: seen0, list: [ seen0 ] }', `inspect() gave ${got}`);
  },
  required(subject, inner) {
    const module = new Module(`stress-${subject.name}`);
    module.inner = inner;
    module._compile('exports.before = module.inner(); exports.own = 6 + module.inner();', '/stress.js');
    subject.check(module.exports.before === 0 && module.exports.own === 6, 'a module gave something else');
  },
  toLocale(subject, inner) {
    const item = { toLocaleString: () => `l${inner()}` };
    subject.check([item, 'x'].toLocaleString() === 'l0,x', 'toLocaleString() gave something else');
  },
  errorStack(subject, inner) {
    const { prepareStackTrace } = Error;
    subject.check(prepareStackTrace === undefined || typeof prepareStackTrace === 'function', 'Error was changed');
    const error = new Error('stack');
    inner();
    subject.check(error.stack.includes('errorStack'), 'the stack trace lost its frame');
  },
};

/** For looking into a failure: STRESS_WITHOUT=join,sort leaves these frames out. */
const without = (process.env.STRESS_WITHOUT ?? '').split(',');

module.exports = { frames: Object.entries(frames).filter(([name]) => !without.includes(name)) };
