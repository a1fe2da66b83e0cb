// WebAssembly whose baseline code is replaced and freed while green threads are suspended, also above its own frames.
const assert = require('node:assert');
const { run, sleep, spawn, wait } = require('verdant');

const functions = 120;
const rounds = 100;
const chainLength = 1500;

function leb(value) {
  const bytes = [];
  for (let rest = value; ;) {
    const byte = rest & 0x7f;
    rest >>>= 7;
    if (rest === 0) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}
const section = (id, content) => [id, ...leb(content.length), ...content];
const text = (value) => [...leb(value.length), ...Buffer.from(value)];

// (import "e" "suspend" (func)) ; f0..fn: (param i32) (result i32), each a long chain of additions ; "s" calls suspend
function moduleBytes() {
  const chain = Array.from({ length: chainLength }, (_, i) => [0x41, ...leb(i % 60), 0x6a]).flat(); // i32.const, i32.add
  const body = (code) => [...leb(code.length + 2), 0, ...code, 0x0b];
  const bodies = Array.from({ length: functions }, () => body([0x20, 0, ...chain]));
  bodies.push(body([0x10, 0, 0x20, 0])); // call suspend; local.get 0
  const count = bodies.length;
  const exported = Array.from({ length: count }, (_, i) => [...text(`f${i}`), 0, ...leb(i + 1)]);
  return Buffer.from([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, [2, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f]),
    ...section(2, [1, ...text('e'), ...text('suspend'), 0, 0]),
    ...section(3, [...leb(count), ...Array(count).fill(1)]),
    ...section(7, [...leb(count), ...exported.flat()]),
    ...section(10, [...leb(count), ...bodies.flat()]),
  ]);
}

async function main() {
  const bytes = moduleBytes();
  const sum = Array.from({ length: chainLength }, (_, i) => i % 60).reduce((a, b) => a + b);
  const parked = Array.from({ length: 100 }, () => spawn(() => sleep(Infinity)));
  await new Promise((resolve) => setImmediate(resolve));
  for (let instanceNumber = 0; instanceNumber < 3; instanceNumber += 1) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { suspend: () => sleep(1) } });
    const inside = Array.from({ length: 20 }, (_, i) => spawn(() => exports[`f${functions}`](i)));
    await run(() => {
      for (let round = 0; round < rounds; round += 1) {
        for (let i = 0; i < functions; i += 1) {
          let value = 0;
          for (let call = 0; call < 10; call += 1) value = exports[`f${i}`](round);
          assert.strictEqual(value, sum + round);
        }
        if (round % 20 === 0) wait(new Promise((resolve) => setTimeout(resolve, 1)));
        if (round % 100 === 0) globalThis.gc();
      }
    });
    assert.deepStrictEqual(
      await Promise.all(inside),
      Array.from({ length: 20 }, (_, i) => i),
    );
  }
  // Traps and runaway recursion in WebAssembly on a green thread's stack are handled by a signal or a stack check
  await run(() => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    assert.throws(() => new Uint8Array(memory.buffer, 70_000), RangeError);
    const trap = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(trapBytes)), {}).exports;
    sleep(0);
    assert.throws(() => trap.load(), WebAssembly.RuntimeError);
    assert.throws(() => trap.unreachable(), WebAssembly.RuntimeError);
    assert.throws(() => trap.recurse(), RangeError);
    sleep(0);
  });
  for (const thread of parked) thread.kill();
  await Promise.allSettled(parked);
  console.log('ok');
}

const trapBytes = [
  0,
  0x61,
  0x73,
  0x6d,
  1,
  0,
  0,
  0,
  ...section(1, [1, 0x60, 0, 0]),
  ...section(3, [3, 0, 0, 0]),
  ...section(5, [1, 0, 1]),
  ...section(7, [3, ...text('load'), 0, 0, ...text('unreachable'), 0, 1, ...text('recurse'), 0, 2]),
  ...section(10, [
    3,
    ...[9, 0, 0x41, 0x7f, 0x28, 2, 0, 0x1a, 0x01, 0x0b],
    ...[3, 0, 0x00, 0x0b],
    ...[4, 0, 0x10, 2, 0x0b],
  ]),
];
main();
