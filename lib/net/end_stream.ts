import { type Socket as NetSocket } from 'node:net';
import { type Duplex } from 'node:stream';
import { clearTimeout, setTimeout } from 'node:timers';

/** How long a stream may take to hand over what it has accepted, once nobody can wait for it; milliseconds. */
const lingering = 5000;

const ignore = (): undefined => undefined;

/**
 * Closes a stream that belongs to nobody any more. What it has accepted is still sent, as the system does for a descriptor
 * that is closed; with a limit, since nobody would notice a peer that never takes it.
 * @param reset - drop that instead, and break the connection if the stream can
 */
export function endStream(stream: Duplex, reset: boolean): void {
  if (stream.closed) return;
  // Until the stream has closed it may still emit an error: nobody is left to whom it would matter.
  stream.on('error', ignore);
  const destroy = (): void => {
    stream.destroy();
  };
  let timer: NodeJS.Timeout | undefined;
  stream.once('close', () => {
    clearTimeout(timer);
    stream.removeListener('finish', destroy);
    stream.removeListener('error', ignore);
  });
  if (stream.destroyed) return;
  if (reset) {
    resetStream(stream);
  } else if ((stream as Partial<NetSocket>).connecting === true || stream.errored !== null) {
    stream.destroy();
  } else {
    stream.once('finish', destroy);
    stream.end();
    if (stream.writableFinished || !stream.writableEnded) stream.destroy();
    else timer = setTimeout(destroy, lingering).unref();
  }
}

// Only TCP can be reset; Node's own method says so by an exception.
function resetStream(stream: Duplex & { resetAndDestroy?: () => void }): void {
  try {
    stream.resetAndDestroy?.();
  } catch {
    // Not TCP.
  }
  stream.destroy();
}
