import { type Duplex } from 'node:stream';
import { type Transport } from './transport';

export function overStream(_stream: Duplex): Transport {
  throw new Error('being written');
}
