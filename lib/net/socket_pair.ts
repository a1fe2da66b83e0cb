import { native } from '../realm';
import { systemError } from '../system_error';
import { FdTransport } from './fd_transport';
import { Socket } from './socket';

/**
 * Two Unix sockets that are connected to each other. Does not block, legal anywhere.
 * @returns both ends
 * @throws `EMFILE`, `ENFILE`, ...
 */
export function socketPair(): [Socket, Socket] {
  const pair = new Int32Array(2);
  const error = native.openSocketPair(pair);
  if (error < 0) throw systemError(error, 'socketpair');
  return [new Socket(new FdTransport(pair[0]!, false)), new Socket(new FdTransport(pair[1]!, false))];
}
