import { type BlockingOptions, validateBlockingOptions } from '../park';
import { native } from '../realm';
import { EAGAIN, systemError } from '../system_error';
import { invalidType, outOfRange, validateCount, validateObject } from '../validate';
import { lookupAll } from '../dns/lookup';
import {
  type Address,
  type AddressLike,
  addressRoom,
  decodeRoom,
  encodeInet,
  familyOf,
  parseTarget,
  toAddress,
  validateFamily,
} from './address';
import { perWait } from '../deadline';
import { FdChannel } from './fd_channel';
import { type Sendable, toBytes } from './socket';

/** What a `DatagramSocket` may be told when it is made. */
export interface DatagramOptions {
  /** IPv4 (default, unless the address says otherwise) or IPv6. */
  family?: 4 | 6 | undefined;
  /** Let several sockets bind the same address (multicast). Default false. */
  reuseAddress?: boolean | undefined;
  /** Let the system spread what comes in over several sockets of the same port. Default false. */
  reusePort?: boolean | undefined;
  /** On `::`, IPv6 only. Default false. */
  ipv6Only?: boolean | undefined;
}

/** One message, and who sent it. */
export interface Datagram {
  /** The message; it may be empty. */
  data: Buffer;
  /** Who sent it: where an answer goes. */
  address: Address;
}

/** What `getOption(fd, 'type')` says of a datagram socket. */
const datagramType = 2;

/** The longest message that UDP can carry. */
const longest = 65_535;

// A message is copied out of here: most are far smaller than the room that each might need.
const incoming = Buffer.allocUnsafeSlow(longest);
const sender = new Uint8Array(addressRoom);

/**
 * UDP. Each message is sent and received whole, or lost; one green thread may receive and another one send at the same time.
 * Calls end as those of `Socket` do.
 * @example
 * ```ts
 * import { run } from 'verdant';
 * import { DatagramSocket } from 'verdant/net';
 *
 * await run(() => {
 *   using server = new DatagramSocket('127.0.0.1:0');
 *   using client = new DatagramSocket();
 *   client.sendTo('ping', server.address);
 *   const { data, address } = server.recvFrom({ timeout: 1000 });
 *   server.sendTo(`${data} pong`, address);
 *   console.log(String(client.recv({ timeout: 1000 }))); // ping pong
 * });
 * ```
 */
export class DatagramSocket {
  readonly #channel: FdChannel;
  readonly #family: 4 | 6;

  /**
   * Legal anywhere.
   * @param address - where to receive: numeric, `':port'` for all interfaces, `{ fd }`. Default: the system chooses a port
   * when something is sent
   * @param options - `family`, `reuseAddress`, `reusePort`, `ipv6Only`
   * @throws `EADDRINUSE`, `EACCES`, ...
   */
  constructor(address?: AddressLike, options: DatagramOptions = {}) {
    validateObject(options, 'options');
    validateFamily(options.family);
    const target = address === undefined ? undefined : parseTarget(address);
    if (target?.kind === 'unix') throw invalidType('address', 'an Internet address', address);
    if (target?.kind === 'fd') {
      const type = native.getOption(target.fd, 'type');
      if (type >= 0 && type !== datagramType) {
        throw invalidType('address.fd', 'the descriptor of a UDP socket', target.fd);
      }
      const error = type < 0 ? type : native.adoptSocket(target.fd);
      if (error < 0) throw systemError(error, 'bind');
      const name = native.socketName(target.fd, false);
      this.#family = typeof name !== 'number' && name.family === 6 ? 6 : 4;
      this.#channel = new FdChannel(target.fd, false);
      return;
    }
    this.#family = options.family ?? (target?.host !== undefined && familyOf(target.host) === 6 ? 6 : 4);
    const fd = native.openSocket(this.#family, false);
    if (fd < 0) throw systemError(fd, 'bind');
    this.#channel = new FdChannel(fd, false);
    try {
      if (options.reuseAddress === true) this.#set('reuseAddress', 1);
      if (options.reusePort === true) this.#set('reusePort', 1);
      if (this.#family === 6) this.#set('ipv6Only', options.ipv6Only === true ? 1 : 0);
      if (target !== undefined) this.#bind(target.host, target.port);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #bind(host: string | undefined, port: number): void {
    const address = host ?? (this.#family === 6 ? '::' : '0.0.0.0');
    const error = native.bindSocket(this.fd, encodeInet(address, port));
    if (error < 0) throw systemError(error, 'bind', { address, port });
  }

  /** The file descriptor; -1 once closed. */
  get fd(): number {
    return this.#channel.fd;
  }

  /** True once `close` was called. */
  get closed(): boolean {
    return this.#channel.closed;
  }

  /** Where it receives. */
  get address(): Address {
    const name = native.socketName(this.#channel.open('DatagramSocket.address'), false);
    if (typeof name === 'number') throw systemError(name, 'getsockname');
    return toAddress(name);
  }

  /**
   * Waits for a message.
   * @param options - `timeout` in milliseconds, `signal`
   * @returns the message and its sender
   */
  recvFrom(options?: BlockingOptions): Datagram {
    const data = this.#receive('DatagramSocket.recvFrom()', options);
    return { data, address: decodeRoom(sender) };
  }

  /**
   * Waits for a message.
   * @param options - `timeout` in milliseconds, `signal`
   * @returns the message alone
   */
  recv(options?: BlockingOptions): Buffer {
    return this.#receive('DatagramSocket.recv()', options);
  }

  #receive(call: string, options: BlockingOptions | undefined): Buffer {
    validateBlockingOptions(options);
    const nextOptions = perWait(options);
    let fd = this.#channel.begin(call, options);
    for (;;) {
      const size = native.receiveFrom(fd, incoming, 0, longest, sender);
      if (size >= 0) return Buffer.from(incoming.subarray(0, size));
      if (size !== EAGAIN) throw systemError(size, 'recvmsg');
      this.#channel.wait(call, 'read', nextOptions());
      fd = this.#channel.open(call);
    }
  }

  /**
   * Sends a message.
   * @param data - text goes out as UTF-8
   * @param to - a name is resolved first, as the system does
   * @param options - `timeout` in milliseconds, `signal`
   * @throws `EMSGSIZE`, `ENETUNREACH`, ...; as `Socket`
   */
  sendTo(data: Sendable, to: AddressLike, options?: BlockingOptions): void {
    validateBlockingOptions(options);
    const nextOptions = perWait(options);
    this.#send('DatagramSocket.sendTo()', toBytes(data, 'data'), this.#resolve(to, nextOptions()), nextOptions);
  }

  /**
   * Sends a message to where the socket is connected.
   * @param data - text goes out as UTF-8
   * @param options - `timeout` in milliseconds, `signal`
   * @throws `EDESTADDRREQ` if it is not; `ECONNREFUSED` when an earlier message met nobody; as `sendTo`
   */
  send(data: Sendable, options?: BlockingOptions): void {
    validateBlockingOptions(options);
    this.#send('DatagramSocket.send()', toBytes(data, 'data'), undefined, perWait(options));
  }

  #send(
    call: string,
    data: Uint8Array,
    to: Uint8Array | undefined,
    nextOptions: () => BlockingOptions | undefined,
  ): void {
    let fd = this.#channel.begin(call, nextOptions());
    for (;;) {
      const sent = native.sendTo(fd, data, to);
      if (sent >= 0) return;
      if (sent !== EAGAIN) throw systemError(sent, 'send');
      this.#channel.wait(call, 'write', nextOptions());
      fd = this.#channel.open(call);
    }
  }

  /**
   * From now on only messages from there are received, and `send` sends there. A name needs a green thread.
   * @param address - the other end
   */
  connect(address: AddressLike): void {
    const error = native.connectSocket(
      this.#channel.open('DatagramSocket.connect()'),
      this.#resolve(address, undefined),
    );
    if (error < 0) throw systemError(error, 'connect');
  }

  #resolve(address: AddressLike, options: BlockingOptions | undefined): Uint8Array {
    const target = parseTarget(address);
    if (target.kind !== 'inet') throw invalidType('address', 'an Internet address', address);
    const host = target.host ?? (this.#family === 6 ? '::1' : '127.0.0.1');
    const numeric = familyOf(host) === 0 ? lookupAll(host, { ...options, family: this.#family })[0]!.address : host;
    // An IPv6 socket reaches IPv4 in IPv6's clothes.
    return encodeInet(this.#family === 6 && familyOf(numeric) === 4 ? `::ffff:${numeric}` : numeric, target.port);
  }

  /** Whether it may send to all (255.255.255.255, or a network's broadcast address). */
  setBroadcast(on = true): this {
    return this.#set('broadcast', on ? 1 : 0);
  }

  /** How many routers a message may pass: 1 to 255. */
  setTtl(hops: number): this {
    return this.#set(this.#family === 6 ? 'ttl6' : 'ttl', validateHops(hops, 1));
  }

  /** The same for multicast: 0 to 255. */
  setMulticastTtl(hops: number): this {
    return this.#set(this.#family === 6 ? 'multicastTtl6' : 'multicastTtl', validateHops(hops, 0));
  }

  /** Whether this machine gets its own multicast messages. */
  setMulticastLoopback(on = true): this {
    return this.#set(this.#family === 6 ? 'multicastLoopback6' : 'multicastLoopback', on ? 1 : 0);
  }

  /**
   * Receives what is sent to a multicast group.
   * @param group - its numeric address
   * @param networkInterface - by name; default: the system chooses
   */
  joinGroup(group: string, networkInterface?: string): this {
    return this.#membership(true, group, networkInterface);
  }

  /** Does not receive it any more. Parameters as for `joinGroup`. */
  leaveGroup(group: string, networkInterface?: string): this {
    return this.#membership(false, group, networkInterface);
  }

  #membership(join: boolean, group: string, networkInterface: string | undefined): this {
    const fd = this.#channel.open('DatagramSocket');
    if (networkInterface !== undefined && typeof networkInterface !== 'string') {
      throw invalidType('networkInterface', 'of type string', networkInterface);
    }
    const number = networkInterface === undefined ? 0 : native.interfaceNumber(networkInterface);
    if (networkInterface !== undefined && number === 0) {
      throw invalidType('networkInterface', 'the name of a network interface', networkInterface);
    }
    const error = native.setMembership(fd, join, encodeInet(group, 0), number);
    if (error < 0) throw systemError(error, join ? 'addMembership' : 'dropMembership');
    return this;
  }

  #set(name: string, value: number): this {
    const error = native.setOption(this.#channel.open('DatagramSocket'), name, value);
    if (error < 0) throw systemError(error, 'setsockopt');
    return this;
  }

  /** Closes it. Everybody who waits on it gets `ERR_VERDANT_CLOSED`. Legal anywhere, any number of times. */
  close(): void {
    this.#channel.close('The socket was closed');
  }

  /** Closes it. For `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function validateHops(hops: number, least: number): number {
  validateCount(hops, 'hops');
  if (hops < least || hops > 255) throw outOfRange('hops', `>= ${least} and <= 255`, hops);
  return hops;
}
