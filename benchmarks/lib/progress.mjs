import { SingleBar } from 'cli-progress';

/** A bar on a terminal, else a line for each round: logs are read by people, too. */
export function progress(name, rounds, perRound) {
  if (!process.stderr.isTTY) {
    let done = 0;
    return {
      step() {
        done += 1;
        if (done % perRound === 0) process.stderr.write(`${name}: round ${done / perRound} of ${rounds}\n`);
      },
      stop: () => undefined,
    };
  }
  const bar = new SingleBar({
    format: `${name} {bar} {percentage} %, {eta_formatted} to go, {what}`,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: true,
  });
  bar.start(rounds * perRound, 0, { what: '' });
  return { step: (what) => bar.increment(1, { what }), stop: () => bar.stop() };
}
