import { type Lookup, lookupAll } from '../dns/lookup';
import { type BlockingOptions, park, requireGreen, validateBlockingOptions } from '../park';
import { native } from '../realm';
import { EAGAIN, type SystemError, systemError } from '../system_error';
import { invalidType } from '../validate';
import { type AddressLike, checkPort, encodeInet, encodeUnix, familyOf, parseTarget, validateFamily } from './address';
import { perWait } from '../deadline';
import { FdTransport, isInet, streamType } from './fd_transport';
import { Socket } from './socket';

const call = 'connect()';

/** How long one of several addresses may take before the next is tried, in milliseconds; Node's own choice. */
const attemptTimeout = 250;

/** The longest pause before a full backlog is tried again, in milliseconds. */
const longestPause = 50;

/** What `connect` may be told. */
export interface ConnectOptions extends BlockingOptions {
  /** Only addresses of this family. Default: both, in the system's order. */
  family?: 4 | 6 | undefined;
  /** The numeric address to connect from; default: the system chooses. */
  localAddress?: string | undefined;
  /** The port to connect from; default: the system chooses. */
  localPort?: number | undefined;
  /** Send small pieces at once (default), or let the system gather them. */
  noDelay?: boolean | undefined;
  /** What finds the addresses of a name; default `lookupAll` of `verdant/dns`: the system. */
  lookup?: Lookup | undefined;
}

interface Candidate {
  bytes: Uint8Array;
  family: 4 | 6 | 1;
  where: { address: string; port?: number };
}

/**
 * Connects to a server. A name is resolved as the system does; if it has several addresses they are tried in turn, each
 * for 250 ms if there is another one.
 * @param address - `'host:port'`, `'[::1]:80'`, `{ host, port }`, `{ path }`, `{ fd }` (a connected socket), an `Address`
 * @param options - `timeout` in milliseconds for all of it, `signal`, `family`, `localAddress`, `localPort`, `noDelay`
 * @returns the connection
 * @throws `ECONNREFUSED`, `ENOENT`, `ETIMEDOUT`, ...; an `AggregateError` with the first one's `code` if several addresses
 * were tried; what `dns.lookup` throws; `ERR_VERDANT_TIMEOUT`; the signal's reason; `ERR_VERDANT_NOT_GREEN`. An
 * interrupted attempt leaves no descriptor behind
 * @example
 * ```ts
 * import { run, spawn } from 'verdant';
 * import { connect, listen } from 'verdant/net';
 *
 * await run(() => {
 *   using listener = listen('127.0.0.1:0');
 *   spawn(() => { using peer = listener.accept(); peer.sendAll('hello\n'); });
 *   using socket = connect(listener.address, { timeout: 1000 });
 *   console.log(socket.recvLine()); // hello
 * });
 * ```
 */
export function connect(address: AddressLike, options: ConnectOptions = {}): Socket {
  validateConnect(options);
  requireGreen(call);
  const target = parseTarget(address);
  if (target.kind === 'fd') return adopt(target.fd);
  const nextOptions = perWait(options);
  if (target.kind === 'unix') {
    return connectUnix(target.path, nextOptions);
  }
  const host = target.host ?? 'localhost';
  const candidates = resolve(host, target.port, { ...nextOptions(), family: options.family }, options.lookup);
  const errors: SystemError[] = [];
  for (const candidate of candidates) {
    const last = candidate === candidates.at(-1);
    const outcome = attempt(candidate, options, nextOptions(), last ? Infinity : attemptTimeout);
    if (outcome instanceof Socket) return outcome;
    errors.push(outcome);
  }
  if (errors.length === 1) throw errors[0];
  throw Object.assign(new AggregateError(errors, errors.map(({ message }) => message).join('; ')), {
    code: errors[0]!.code,
  });
}

function validateConnect(options: ConnectOptions): void {
  validateBlockingOptions(options);
  const { family, localAddress, localPort } = options;
  validateFamily(family);
  if (localAddress !== undefined) encodeInet(localAddress, 0);
  if (localPort !== undefined) checkPort(localPort, 'options.localPort');
}

function resolve(
  host: string,
  port: number,
  options: BlockingOptions & { family: 4 | 6 | undefined },
  lookup: Lookup = lookupAll,
): Candidate[] {
  const literal = familyOf(host);
  const addresses = literal === 0 ? lookup(host, options) : [{ address: host, family: literal }];
  if (addresses.length === 0) {
    const notFound = { code: 'ENOTFOUND', syscall: 'lookup', hostname: host };
    throw Object.assign(new Error(`lookup ENOTFOUND ${host}`), notFound);
  }
  return addresses.map(({ address, family }) => ({
    bytes: encodeInet(address, port),
    family: family === 6 ? 6 : 4,
    where: { address, port },
  }));
}

// A socket, or why not. Throws only what interrupts the whole call.
function attempt(
  candidate: Candidate,
  options: ConnectOptions,
  wait: BlockingOptions | undefined,
  most: number,
): Socket | SystemError {
  const fd = native.openSocket(candidate.family, true);
  if (fd < 0) return systemError(fd, 'connect', candidate.where);
  const transport = new FdTransport(fd, candidate.family !== 1);
  let connected = false;
  try {
    const refused = bindLocal(fd, candidate, options) ?? begin(transport, candidate, wait, most);
    if (refused !== null) return refused;
    if (options.noDelay !== false) transport.setNoDelay(true);
    connected = true;
    return new Socket(transport);
  } finally {
    if (!connected) transport.close(false);
  }
}

function begin(
  transport: FdTransport,
  { bytes, where }: Candidate,
  wait: BlockingOptions | undefined,
  most: number,
): SystemError | null {
  const remaining = wait?.timeout ?? Infinity;
  const errno = transport.connect(
    call,
    bytes,
    { signal: wait?.signal, timeout: Math.min(remaining, most) },
    most < remaining,
  );
  return errno === 0 ? null : systemError(errno, 'connect', where);
}

function bindLocal(fd: number, { family }: Candidate, options: ConnectOptions): SystemError | null {
  const { localAddress, localPort } = options;
  if (localAddress === undefined && localPort === undefined) return null;
  const address = localAddress ?? (family === 6 ? '::' : '0.0.0.0');
  const port = localPort ?? 0;
  const errno = native.bindSocket(fd, encodeInet(address, port));
  return errno === 0 ? null : systemError(errno, 'bind', { address, port });
}

// While the listener's backlog is full, Linux refuses at once instead of letting the caller wait.
function connectUnix(path: string, nextOptions: () => BlockingOptions | undefined): Socket {
  const candidate: Candidate = { bytes: encodeUnix(path), family: 1, where: { address: path } };
  for (let delay = 1; ; delay = Math.min(2 * delay, longestPause)) {
    const outcome = attempt(candidate, {}, nextOptions(), Infinity);
    if (outcome instanceof Socket) return outcome;
    if (outcome.errno !== EAGAIN) throw outcome;
    pause(delay, nextOptions());
  }
}

function pause(delay: number, options: BlockingOptions | undefined): void {
  const timeout = options?.timeout ?? Infinity;
  if (timeout <= delay) park(call, { ...options });
  else park(call, { signal: options?.signal, timeout: delay, timeoutValue: null });
}

function adopt(fd: number): Socket {
  const type = native.getOption(fd, 'type');
  if (type < 0) throw systemError(type, 'connect');
  if (type !== streamType) throw invalidType('address.fd', 'the descriptor of a stream socket', fd);
  const error = native.adoptSocket(fd);
  if (error < 0) throw systemError(error, 'connect');
  return new Socket(new FdTransport(fd, isInet(fd)));
}
