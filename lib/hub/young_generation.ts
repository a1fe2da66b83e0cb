import { getHeapSpaceStatistics } from 'node:v8';
import { native } from '../realm';

/** From so many green threads on, walking their stacks is most of what a young-generation collection costs. */
const manyThreads = 1000;

/** How large the young generation should be then, in bytes: two halves of 8 MiB, half of what V8 allows itself. */
const wanted = 16 * 2 ** 20;

/** How often to look, in milliseconds: V8 takes the room back from a process that has had little to do. */
const interval = 1000;

const chunk = 4096;

/** V8 gives out more room by itself from version 13 on (Node 24). */
let nextLook = Number(process.versions.v8.split('.')[0]) < 13 ? 0 : Infinity;

/**
 * Every collection of the young generation walks the stacks of all suspended green threads. V8 begins with a young
 * generation of 1 MiB, and lets it grow only when much of it survives; a server's requests leave nothing behind, so
 * beside 10,000 idle connections it would spend a quarter of its time on these walks. There is no call to make it larger
 * while a process runs, so this has some objects survive.
 */
export function lookAfterYoungGeneration(threads: number): void {
  if (threads < manyThreads || nextLook === Infinity) return;
  const now = native.now();
  if (now < nextLook) return;
  nextLook = now + interval;
  if (size() < wanted) grow();
}

function grow(): void {
  const survivors: object[][] = [];
  for (let bytes = 0; bytes < 4 * wanted; bytes += chunk * 32) {
    survivors.push(Array.from({ length: chunk }, () => ({ survives: true })));
    if (size() >= wanted) return;
  }
  nextLook = Infinity; // it may not grow: --max-semi-space-size
}

function size(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? wanted;
}
