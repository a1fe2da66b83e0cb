import { type Entry } from '../corpus/entry.cjs';
import { type Target } from './raw_client.cjs';

export interface Handled {
  method: string;
  url: string;
  body: string;
  headers: [name: string, value: string][];
}

/** What came of one entry. */
export interface Actual {
  answers: number[];
  closes: boolean;
  continues: boolean;
  handled: Handled[];
  halfHandled: number;
}

export class Record {
  handled: Handled[];
  halfHandled: number;
  running: number;
  clear(): void;
}

export function play(
  target: Target,
  entry: Entry,
  record: Record,
  inPieces: (bytes: string) => string[],
): Promise<Actual>;
