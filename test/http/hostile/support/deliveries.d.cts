/** Whole numbers below a bound, the same ones for the same seed. */
export function random(seed: number): (bound: number) => number;
export function singleBytes(bytes: string): string[];
export function randomPieces(bytes: string, below: (bound: number) => number): string[];
