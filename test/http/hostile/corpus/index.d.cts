import { type Entry } from './entry.cjs';

declare const corpus: { [group: string]: Entry[] };
export = corpus;
