// Two runs of the same commit: do they say the same, as far as they claim to know?
import { agree } from './interval.mjs';

function* ratiosOf({ suites }) {
  for (const suite of suites) {
    for (const figure of suite.figures) {
      for (const ratio of figure.ratios) yield [`${suite.name}: ${figure.title}: ${ratio.ours} : ${ratio.to}`, ratio];
    }
  }
}

/** `{ compared, apart: [{ name, one, other }] }`: ratios that both have with intervals, and those whose intervals do not meet. */
export function agreement(document, another) {
  const others = new Map(ratiosOf(another));
  const both = [...ratiosOf(document)]
    .map(([name, one]) => ({ name, one, other: others.get(name) }))
    .filter(({ one, other }) => other && one.low !== null && other.low !== null);
  return { compared: both.length, apart: both.filter(({ one, other }) => !agree(one, other)) };
}
