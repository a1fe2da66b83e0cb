// What a proxy passes on of the headers, and what it adds.
import { Headers } from 'verdant/http';

/** These are about one connection, not about the message. The proxy has answered `expect` itself. */
const ofTheConnection = 'connection keep-alive proxy-connection te trailer transfer-encoding upgrade expect'.split(' ');

/** The headers without those that end here. */
export function endToEnd(headers) {
  const passed = new Headers(headers);
  const named = passed.get('connection')?.toLowerCase().split(',') ?? [];
  for (const name of [...ofTheConnection, ...named.map((word) => word.trim())]) passed.delete(name);
  return passed;
}

/** The same, and who the client is; the server sees only the proxy. */
export function forwarded({ headers, remoteAddress }) {
  const passed = endToEnd(headers);
  passed.append('x-forwarded-for', remoteAddress.host);
  passed.set('x-forwarded-proto', 'http');
  return passed;
}
