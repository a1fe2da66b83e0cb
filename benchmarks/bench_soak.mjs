// 1,000,000 green threads, 100 at once: resident memory must not grow.
import { Failure } from '../scripts/lib/run.mjs';
import { program } from './lib/child.mjs';
import { median } from './lib/statistics.mjs';

const mebibytes = (bytes) => Number((bytes / 2 ** 20).toFixed(1));

export async function bench({ nodes }) {
  for (const node of nodes) {
    // V8 enlarges the young generation in a few steps as it sees fit, up to 48 MiB; that is not what is looked for here.
    const samples = program(node, 'soak', [1_000_000, 100], ['--expose-gc', '--max-semi-space-size=2']);
    console.log(`Node ${node.version}, MiB`);
    console.table(
      samples.map(({ done, rss, heapUsed }) => ({ done, resident: mebibytes(rss), 'heap used': mebibytes(heapUsed) })),
    );
    // The first quarter warms up. After it, the later half is compared with the earlier.
    const settled = samples.slice(5);
    const half = Math.ceil(settled.length / 2);
    for (const kind of ['rss', 'heapUsed']) {
      const of = (part) => median(part.map((sample) => sample[kind]));
      const growth = of(settled.slice(half)) - of(settled.slice(0, half));
      console.log(`${kind}: grown by ${mebibytes(growth)} MiB between the halves`);
      if (growth > 4 * 2 ** 20) throw new Failure(`${kind} grows on Node ${node.version}`);
    }
  }
}
