// node examples/port_scanner.mjs [host] [--from 1] [--to 1024] [--parallel 200] [--timeout 500]: which ports are open.
import { parseArgs } from 'node:util';
import { joinAll, run, spawn } from 'verdant';
import { connect } from 'verdant/net';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: 'string', default: '1' },
    to: { type: 'string', default: '1024' },
    parallel: { type: 'string', default: '200' },
    timeout: { type: 'string', default: '500' },
  },
});
const [host = '127.0.0.1'] = positionals;
const [from, to, parallel, timeout] = [values.from, values.to, values.parallel, values.timeout].map(Number);

function isOpen(port) {
  try {
    connect({ host, port }, { timeout }).close();
    return true;
  } catch {
    return false;
  }
}

await run(() => {
  let next = from;
  const scan = () => {
    while (next <= to) {
      const port = next++;
      if (isOpen(port)) console.log(`${port} is open`);
    }
  };
  joinAll(Array.from({ length: parallel }, () => spawn(scan)));
});
