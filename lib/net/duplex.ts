import { type Duplex } from 'node:stream';
import { type Socket } from './socket';

export function toDuplex(_socket: Socket): Duplex {
  throw new Error('being written');
}
