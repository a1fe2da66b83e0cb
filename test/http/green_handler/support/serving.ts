// Node's servers, listening on a free port for the time of one test.
import { type Server as HttpServer } from 'node:http';
import { type AddressInfo, type Server as NetServer } from 'node:net';
import { once } from 'node:events';

const open: NetServer[] = [];

/** Listens, and gives the URL. `stopServing` closes it. */
export async function serving(server: NetServer, protocol = 'http'): Promise<string> {
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** For `afterEach`. */
export async function stopServing(): Promise<void> {
  for (const server of open.splice(0)) {
    const closed = new Promise((resolve) => server.close(resolve));
    (server as Partial<HttpServer>).closeAllConnections?.();
    await closed;
  }
}
