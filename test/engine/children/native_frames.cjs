// Suspending inside callbacks that V8's or Node's own code makes, interleaved, with collections in between.
const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { join } = require('node:path');
const { inspect } = require('node:util');
const { Readable } = require('node:stream');
const { run, sleep, spawn, wait } = require('verdant');

let count = 0;

/** Suspends this green thread in one of several ways, and gives `value`. */
function pause(value) {
  count += 1;
  if (count % 3 === 0) sleep(0);
  else if (count % 3 === 1) wait(Promise.resolve());
  else wait(spawn(() => sleep(0)));
  if (count % 997 === 0) globalThis.gc();
  return value;
}

const numbers = Array.from({ length: 8 }, (_, i) => (i * 5) % 8);
const sorted = [0, 1, 2, 3, 4, 5, 6, 7];

class Base {
  constructor(value) {
    this.value = pause(value);
  }
}
class Derived extends Base {
  field = pause('field');
  #secret = pause('secret');
  static made = 0;
  constructor(value) {
    super(pause(value));
    Derived.made += 1;
  }
  get secret() {
    return pause(this.#secret);
  }
}

const traps = new Proxy(class {}, {
  get: (_, key) => pause(String(key)),
  set: () => pause(true),
  has: () => pause(true),
  deleteProperty: () => pause(true),
  ownKeys: () => pause(['prototype', 'a']),
  getOwnPropertyDescriptor: (target, key) =>
    pause(
      key === 'a' ? { value: 1, enumerable: true, configurable: true } : Reflect.getOwnPropertyDescriptor(target, key),
    ),
  apply: (_, self, args) => pause(args.length),
  construct: (_, args) => pause({ args }),
  getPrototypeOf: () => pause(Array.prototype),
});

// (import "e" "f" (func (param i32) (result i32))) (func (export "g") (param i32) (result i32) (call 0 (local.get 0)))
const moduleBytes = Buffer.from(
  '0061736d0100000001060160017f017f02070101650166000003020100070501016700010a08010600200010000b',
  'hex',
);

const cases = {
  'Array.prototype.sort': () => [[...numbers].sort((a, b) => pause(a - b)), sorted],
  'Array.prototype.toSorted': () => [numbers.toSorted((a, b) => pause(a - b)), sorted],
  'TypedArray.prototype.sort': () => [[...new Float64Array(numbers).sort((a, b) => pause(a - b))], sorted],
  'BigInt64Array.prototype.sort': () => [
    [...new BigInt64Array(numbers.map(BigInt)).sort((a, b) => pause(Number(a - b)))].map(Number),
    sorted,
  ],
  'map, filter, reduce, find, some, every': () => [
    [
      numbers.map((n) => pause(n + 1)),
      numbers.filter((n) => pause(n > 3)),
      numbers.reduce((a, b) => pause(a + b), 0),
      numbers.find((n) => pause(n === 4)),
      numbers.some((n) => pause(n === 7)),
      numbers.every((n) => pause(n < 8)),
      numbers.flatMap((n) => pause([n])).length,
    ],
    [numbers.map((n) => n + 1), numbers.filter((n) => n > 3), 28, 4, true, true, 8],
  ],
  'Array.from and iterators': () => [
    [
      Array.from({ length: 3 }, (_, i) => pause(i)),
      Array.from({
        *[Symbol.iterator]() {
          yield pause(1);
          yield pause(2);
        },
      }),
      [
        ...(function* () {
          yield pause(1);
          yield* [pause(2)];
        })(),
      ],
      Math.max(
        ...{
          *[Symbol.iterator]() {
            yield pause(1);
            yield pause(9);
          },
        },
      ),
    ],
    [[0, 1, 2], [1, 2], [1, 2], 9],
  ],
  'an iterator closed early': () => {
    const iterator = (function* () {
      try {
        yield 1;
      } finally {
        pause();
      }
    })();
    for (const value of iterator) return [pause(value), 1];
  },
  'Map and Set forEach': () => {
    const seen = [];
    new Map([
      [1, 'a'],
      [2, 'b'],
    ]).forEach((value, key) => seen.push(pause([key, value])));
    new Set([3]).forEach((value) => seen.push(pause(value)));
    return [seen, [[1, 'a'], [2, 'b'], 3]];
  },
  'String.prototype.replace': () => ['abcabc'.replace(/b/g, (match, at) => pause(`<${at}>`)), 'a<1>ca<4>c'],
  'String.prototype.replaceAll': () => ['aXbX'.replaceAll('X', (match, at) => pause(String(at))), 'a1b3'],
  'RegExp symbols': () => [
    [
      'x'.replace({ [Symbol.replace]: (text) => pause(`${text}!`) }),
      'x'.split({ [Symbol.split]: () => pause(['y']) }),
      'abab'.replace(
        Object.assign(/b/g, {
          exec(text) {
            pause();
            return RegExp.prototype.exec.call(this, text);
          },
        }),
        '-',
      ),
    ],
    ['x!', ['y'], 'a-a-'],
  ],
  'JSON.parse reviver': () => [
    JSON.parse('{"a":[1,{"b":2}]}', (key, value) => pause(typeof value === 'number' ? value + 1 : value)),
    { a: [2, { b: 3 }] },
  ],
  'JSON.stringify toJSON and replacer': () => [
    JSON.stringify(
      {
        a: { toJSON: () => pause(1) },
        get b() {
          return pause(2);
        },
      },
      (key, value) => pause(value),
    ),
    '{"a":1,"b":2}',
  ],
  'getters and setters': () => {
    const object = {
      get x() {
        return pause(1);
      },
      set x(value) {
        this.y = pause(value);
      },
    };
    object.x = 5;
    return [
      [object.x, object.y, { ...object }.x],
      [1, 5, 1],
    ];
  },
  'every Proxy trap': () => {
    traps.a = 1;
    return [
      [
        traps.b,
        'c' in traps,
        delete traps.d,
        Object.keys(traps),
        traps(1, 2),
        new traps(1).args,
        traps instanceof Array,
      ],
      ['b', true, true, ['a'], 2, [1], true],
    ];
  },
  'constructors, fields and private members': () => {
    const made = new Derived(1);
    return [
      [made.value, made.field, made.secret, Reflect.construct(Base, [2], Array).value],
      [1, 'field', 'secret', 2],
    ];
  },
  'static blocks and computed keys': () => {
    class Late {
      static [pause('key')] = pause(1);
      static {
        this.block = pause(2);
      }
    }
    return [
      [Late.key, Late.block],
      [1, 2],
    ];
  },
  generators: () => {
    const generator = (function* () {
      try {
        const sent = pause(yield pause(1));
        yield sent;
      } finally {
        pause();
      }
    })();
    return [
      [generator.next().value, generator.next('sent').value, generator.return(3).value],
      [1, 'sent', 3],
    ];
  },
  'async functions up to their first await': () => {
    const promise = (async () => pause('sync part'))();
    return [wait(promise), 'sync part'];
  },
  'the executor of a promise': () => [wait(new Promise((resolve) => resolve(pause(1)))), 1],
  'eval and Function': () => [
    [eval('pause(1) + pause(2)'), new Function('pause', 'return pause(3)')(pause), (0, eval)('1 + 1')],
    [3, 3, 2],
  ],
  'require of a module that suspends': () => {
    const path = join(__dirname, 'sleeping_module.cjs');
    delete require.cache[path];
    return [require(path).answer, 42];
  },
  'Symbol.toPrimitive, valueOf and toString': () => {
    const value = { [Symbol.toPrimitive]: (hint) => pause(hint === 'number' ? 2 : 'text') };
    return [
      [
        +value,
        `${value}`,
        value + 1,
        Number({ valueOf: () => pause(3) }),
        String({ toString: () => pause('s') }),
        5 < { valueOf: () => pause(6) },
        new Date({ valueOf: () => pause(0) }).getTime(),
      ],
      [2, 'text', 'text1', 3, 's', true, 0],
    ];
  },
  'property keys, instanceof and with': () => {
    const custom = { [Symbol.hasInstance]: () => pause(true) };
    const scope = new Function('scope', 'with (scope) { return x; }');
    const key = { toString: () => pause('k') };
    return [
      [
        { k: 1 }[key],
        {} instanceof custom,
        scope({
          get x() {
            return pause(8);
          },
        }),
      ],
      [1, true, 8],
    ];
  },
  'tagged templates': () => {
    const tag = (strings, ...values) => pause(strings.raw.join('|') + values.join());
    return [tag`a${pause(1)}b${pause(2)}c`, 'a|b|c1,2'];
  },
  'destructuring defaults and spread': () => {
    const { a = pause(1), ...rest } = {
      get b() {
        return pause(2);
      },
    };
    return [
      [a, rest],
      [1, { b: 2 }],
    ];
  },
  'array methods that read lengths and elements': () => [
    [
      [].concat({
        [Symbol.isConcatSpreadable]: true,
        get length() {
          return pause(1);
        },
        get 0() {
          return pause('e');
        },
      }),
      [{ toString: () => pause('j') }].join(),
      Array.prototype.includes.call(
        {
          get length() {
            return pause(1);
          },
          get 0() {
            return pause(4);
          },
        },
        4,
      ),
      Array.prototype.indexOf.call(
        {
          get length() {
            return pause(1);
          },
          get 0() {
            return pause(4);
          },
        },
        4,
      ),
      [1, 2].fill(0, { valueOf: () => pause(1) }),
    ],
    [['e'], 'j', true, 0, [1, 0]],
  ],
  'Reflect and Function.prototype': () => [
    [Reflect.apply(pause, null, [1]), pause.call(null, 2), pause.apply(null, [3]), pause.bind(null, 4)()],
    [1, 2, 3, 4],
  ],
  'a WebAssembly import': () => {
    if (typeof WebAssembly === 'undefined') return [0, 0]; // --jitless
    const imports = { e: { f: (n) => pause(n + 1) } };
    return [new WebAssembly.Instance(new WebAssembly.Module(moduleBytes), imports).exports.g(41), 42];
  },
  'structuredClone getters': () => [
    structuredClone({
      get x() {
        return pause([1]);
      },
    }),
    { x: [1] },
  ],
  'util.inspect': () => [inspect({ a: { [inspect.custom]: () => pause('custom') } }), '{ a: custom }'],
  emitters: () => {
    const emitter = new EventEmitter();
    const seen = [];
    emitter.on('event', (value) => seen.push(pause(value)));
    emitter.prependListener('event', (value) => seen.push(pause(-value)));
    emitter.emit('event', 1);
    return [seen, [-1, 1]];
  },
  'streams that read on demand': () => {
    const stream = new Readable({
      read() {
        this.push(pause('chunk'));
        this.push(null);
      },
    });
    return [String(stream.read()), 'chunk'];
  },
  'Error.prepareStackTrace and stack getters': () => {
    const before = Error.prepareStackTrace;
    Error.prepareStackTrace = (error) => `prepared ${error.message}`;
    const made = new Error('x');
    const { stack } = made;
    Error.prepareStackTrace = before;
    return [pause(stack), 'prepared x'];
  },
  'EventTarget and AbortSignal': () => {
    const controller = new AbortController();
    let seen;
    controller.signal.addEventListener('abort', () => (seen = pause('aborted')));
    controller.abort();
    return [seen, 'aborted'];
  },
  'exceptions through native frames': () => {
    const thrown = new Error('through');
    let caught;
    try {
      [2, 1].sort(() =>
        JSON.parse('[1]', () =>
          'x'.replace(/x/, () => {
            pause();
            throw thrown;
          }),
        ),
      );
    } catch (error) {
      pause();
      caught = error;
    } finally {
      pause();
    }
    return [caught === thrown, true];
  },
  'using all of it nested': () => [
    [2, 1].map((n) =>
      'x'.replace('x', () => JSON.stringify({ toJSON: () => [n].sort().map((m) => traps[`k${pause(m)}`]) })),
    ),
    ['["k2"]', '["k1"]'],
  ],
};

async function main() {
  // Each by itself, and all of them at once, several times
  const all = Object.entries(cases);
  for (const [name, body] of all) {
    const [actual, expected] = await run(body).catch((error) => assert.fail(`${name}: ${error.stack}`));
    assert.deepStrictEqual(actual, expected, name);
  }
  for (let round = 0; round < Number(process.argv[2] ?? 5); round += 1) {
    await run(() => {
      const threads = all
        .filter(([name]) => !name.startsWith('require') && !name.startsWith('Error.'))
        .map(([name, body]) => [name, spawn(body)]);
      for (const [name, thread] of threads) {
        const [actual, expected] = thread.wait();
        assert.deepStrictEqual(actual, expected, `${name}, round ${round}`);
      }
    });
    globalThis.gc();
  }
  console.log('ok');
}
main();
