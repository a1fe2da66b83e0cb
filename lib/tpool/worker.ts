// What Piscina loads in a thread.
import { workerMark } from './messages';

Object.defineProperty(globalThis, workerMark, { value: true });

export { perform } from './perform';
