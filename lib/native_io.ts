/** Where a hub and Node's loop share the thread's wait. `loop` is a number from `openLoop`. */
export interface NativeLoops {
  /**
   * Opens a reactor in Node's loop; `host`: it is to own the wait, if nobody does yet. `turn` runs a turn of the hub;
   * the events it is about stand in `batch`. Returns its number, or a negative errno.
   */
  openLoop(turn: (newPass: boolean) => void, batch: Uint32Array, host: boolean): number;
  closeLoop(loop: number): void;
  isHost(loop: number): boolean;
  /** Host only: a turn without waiting; `soon`: before I/O is looked at. */
  requestTurn(loop: number, soon: boolean): void;
  /** Host only: a turn at that time of `now()`'s clock. Infinity: no more. */
  requestTurnAt(loop: number, deadline: number): void;
  /** Whether somebody waits for a descriptor. */
  hold(loop: number, held: boolean): void;
  /** Whether what it waits for keeps the process alive. */
  keepAlive(loop: number, keep: boolean): void;
  /** Reports from now on when the descriptor becomes ready, and at once if it is. 0 or a negative errno, as below. */
  watch(loop: number, fd: number, generation: number): number;
  /** Reports once more if it is ready now. -ENOENT: it is not the descriptor that was watched. */
  rearm(loop: number, fd: number, generation: number): number;
  unwatch(loop: number, fd: number): number;
}

/** A socket's address in words. `family` is 4, 6, 1 (Unix: `host` is the path) or 0. */
export interface NativeAddress {
  family: number;
  host: string;
  port: number;
}

/**
 * Sockets' system calls. They never block. All return a result from 0 on, or a negative errno. An address goes in as the
 * kernel's own bytes; it comes out in an array of 129 bytes, the last of which says how many of them it takes.
 */
export interface NativeSockets {
  receive(fd: number, view: Uint8Array, offset: number, size: number): number;
  send(fd: number, view: Uint8Array, offset: number): number;
  /** Sends the views from `index` on, the first of them from `offset` on. None may be empty. */
  sendViews(fd: number, views: readonly Uint8Array[], index: number, offset: number): number;
  accept(fd: number, peer: Uint8Array): number;
  receiveFrom(fd: number, view: Uint8Array, offset: number, size: number, from: Uint8Array): number;
  sendTo(fd: number, view: Uint8Array, to: Uint8Array | undefined): number;

  openSocket(family: number, stream: boolean): number;
  openSocketPair(pair: Int32Array): number;
  /** The descriptor is ours from now on: closed with the environment, non-blocking, closed on exec. */
  adoptSocket(fd: number): number;
  /** Somebody else closes it. */
  disownSocket(fd: number): void;
  closeSocket(fd: number): number;
  connectSocket(fd: number, address: Uint8Array): number;
  bindSocket(fd: number, address: Uint8Array): number;
  listenSocket(fd: number, backlog: number): number;
  /** What a connect has come to: 0 or a positive errno. */
  pendingError(fd: number): number;
  shutdownSocket(fd: number, read: boolean, write: boolean): number;
  /** 1: reading (or writing) would not block now. */
  isReady(fd: number, write: boolean): number;
  /** Undefined when `host` is no numeric address. */
  encodeAddress(host: string, port: number): Uint8Array | undefined;
  /** Undefined when the path is too long. */
  encodeUnix(path: string): Uint8Array | undefined;
  decodeAddress(bytes: Uint8Array): NativeAddress;
  socketName(fd: number, peer: boolean): NativeAddress | number;
  setOption(fd: number, name: string, value: number): number;
  getOption(fd: number, name: string): number;
  /** Closing will reset the connection. */
  setReset(fd: number): number;
  setMembership(fd: number, join: boolean, group: Uint8Array, interfaceNumber: number): number;
  /** 0 when there is none of that name. */
  interfaceNumber(name: string): number;
}
