import { validateCount } from '../validate';

/** How many: an integer from 0 on, or Infinity. */
export function validateSize(value: unknown, name: string): asserts value is number {
  if (value !== Infinity) validateCount(value, name);
}
