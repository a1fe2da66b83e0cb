// The ways in which one and the same bytes can come in.

/** Whole numbers below a bound, the same ones for the same seed. */
function random(seed) {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

const edge = 400;
const middle = 8_000;

/** Single bytes; of what is long, only the beginning and the end, and the middle in larger pieces. */
function singleBytes(bytes) {
  if (bytes.length <= 2 * edge) return [...bytes];
  const pieces = [...bytes.slice(0, edge)];
  for (let at = edge; at < bytes.length - edge; at += middle) {
    pieces.push(bytes.slice(at, Math.min(at + middle, bytes.length - edge)));
  }
  return [...pieces, ...bytes.slice(-edge)];
}

/** Up to seven pieces, none of them empty. */
function randomPieces(bytes, below) {
  const cuts = new Set();
  for (let count = 1 + below(6); count > 0; count -= 1) cuts.add(1 + below(Math.max(1, bytes.length - 1)));
  const pieces = [];
  let from = 0;
  for (const cut of [...cuts].sort((left, right) => left - right)) {
    if (cut >= bytes.length) break;
    pieces.push(bytes.slice(from, cut));
    from = cut;
  }
  return [...pieces, bytes.slice(from)];
}

module.exports = { random, randomPieces, singleBytes };
