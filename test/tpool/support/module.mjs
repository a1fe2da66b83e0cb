export default (name) => `bye ${name}`;
export const triple = (n) => 3 * n;
