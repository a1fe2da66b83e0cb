// Clients that are destroyed after each test, and the servers they talked to.
import { HttpClient } from 'verdant/http';
import { closeOrigins } from './origin';

const clients: HttpClient[] = [];

export function newClient(...options: ConstructorParameters<typeof HttpClient>): HttpClient {
  const client = new HttpClient(...options);
  clients.push(client);
  return client;
}

/** For `afterEach`. */
export async function destroyClients(): Promise<void> {
  for (const client of clients.splice(0)) client.destroy();
  await closeOrigins();
}
