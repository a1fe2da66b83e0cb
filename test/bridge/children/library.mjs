export const load = async (n) => n + 1;
export let count = 0;
export const increment = () => (count += 1);
export * as nested from './library_part.mjs';
export class Store {
  #name;
  constructor(name) {
    this.#name = name;
  }
  async load() {
    return this.#name;
  }
}
export default { load: async (n) => n * 2 };
