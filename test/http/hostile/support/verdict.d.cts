import { type Entry } from '../corpus/entry.cjs';
import { type Actual } from './play.cjs';

/** What is wrong with it, by the outcome that comes closest; empty when one of them fits. */
export function complaints(entry: Entry, actual: Actual): string[];
