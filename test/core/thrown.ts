// What a function throws; undefined may be thrown too, so a function that throws nothing fails the test.
export function thrown(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error('Expected the function to throw');
}

/** Matches any error with that code, of whatever realm. */
export function code(value: string): unknown {
  return expect.objectContaining({ code: value }) as unknown;
}
