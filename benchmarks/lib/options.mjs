// What the command line of the benchmarks says.
import { parseArgs } from 'node:util';
import { majors } from '../../scripts/lib/nodes.mjs';
import { Failure } from '../../scripts/lib/run.mjs';

/** The Node that is measured when none is named, whichever runs this: figures of two machines should be of the same engine. */
const usualMajor = 24;

function wholeNumber(name, text) {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new Failure(`--${name}: a whole number from 1 on, not '${text}'`);
  return Number(text);
}

/**
 * `{ suites, mode, rounds, majors, only, json }`; `known` are the suites that there are, and what is measured when none is
 * named. No majors: the running Node, which is good enough for smoke and needs no other. What is undefined was not said.
 */
export function parseOptions(args, known) {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        smoke: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        major: { type: 'string', multiple: true, default: [] },
        only: { type: 'string', multiple: true, default: [] },
        json: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Failure(error.message);
  }
  const { values, positionals } = parsed;
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Failure(`no such suite: '${unknown}'; there are ${known.join(', ')}`);
  const strange = values.major.find((major) => !majors.includes(Number(major)));
  if (strange !== undefined) throw new Failure(`--major: one of ${majors.join(', ')}, not '${strange}'`);
  if (values.quick && values.smoke) throw new Failure('--quick or --smoke, not both');
  const mode = values.smoke ? 'smoke' : values.quick ? 'quick' : 'full';
  const asked = values.major.map(Number);
  return {
    suites: positionals.length > 0 ? [...new Set(positionals)] : known,
    mode,
    rounds: wholeNumber('rounds', values.rounds),
    majors: asked.length > 0 || mode === 'smoke' ? asked : [usualMajor],
    only: values.only,
    json: values.json,
  };
}
