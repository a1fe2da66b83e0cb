/** Each is given out in pieces, front to back; what is received lands in it and is never copied. */
const slabSize = 64 * 1024;

/** A rest smaller than this is not worth a system call. */
const leastRoom = 4 * 1024;

let slab = Buffer.allocUnsafeSlow(slabSize);
let used = 0;

/** Room for the next read of up to `size` bytes: `slab` from `start` on, at least a few KiB or all of `size`. */
export function room(size: number): { slab: Buffer; start: number; size: number } {
  if (slabSize - used < Math.min(size, leastRoom)) {
    slab = Buffer.allocUnsafeSlow(slabSize);
    used = 0;
  }
  place.slab = slab;
  place.start = used;
  place.size = Math.min(size, slabSize - used);
  return place;
}

// One object for all calls: it is read before anybody else can ask.
const place = { slab, start: 0, size: 0 };

/** The `size` bytes that have been received at the place given out last. */
export function take(size: number): Buffer {
  const { start } = place;
  // The next piece begins on a machine word.
  used = (start + size + 7) & ~7;
  return slab.subarray(start, start + size);
}
