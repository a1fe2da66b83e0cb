/** See entry.cjs. */
export interface Outcome {
  answers: number[][];
  closes: boolean;
  handled: { method?: string; url?: string; body?: string; headers?: { [name: string]: string | null } }[];
  halfHandled?: boolean;
  continues?: boolean;
}

export interface Entry {
  name: string;
  rule: string;
  bytes: string | (() => string);
  profile: 'plain' | 'limits';
  outcomes: Outcome[];
  ends: boolean;
}
