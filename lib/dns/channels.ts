import { Resolver as NodeResolver, type ResolverOptions } from 'node:dns';

/** So many are kept for later queries. */
const mostIdle = 8;

interface Channel {
  readonly resolver: NodeResolver;
  readonly generation: number;
}

/**
 * c-ares can cancel only all queries of a channel at once. So that one query can be cancelled, each has a channel of its
 * own while it runs.
 */
export class Channels {
  readonly #options: ResolverOptions | undefined;
  readonly #busy = new Set<Channel>();
  #idle: Channel[] = [];
  #generation = 0;
  #servers: readonly string[] | null = null;
  #local: [string?, string?] | null = null;

  constructor(options: ResolverOptions | undefined) {
    this.#options = options;
    this.give(this.take()); // wrong options, now and not at the first query
  }

  /** Which servers are asked from the next query on. */
  get servers(): string[] {
    const channel = this.take();
    this.give(channel);
    return channel.resolver.getServers();
  }

  set servers(servers: readonly string[]) {
    new NodeResolver().setServers(servers); // throws for what is no address
    this.#servers = [...servers];
    this.#change();
  }

  setLocalAddress(ipv4?: string, ipv6?: string): void {
    const local: [string?, string?] = ipv6 === undefined ? [ipv4] : [ipv4, ipv6];
    setLocal(new NodeResolver(), local);
    this.#local = local;
    this.#change();
  }

  #change(): void {
    this.#generation += 1;
    this.#idle = [];
  }

  take(): Channel {
    const channel = this.#idle.pop() ?? this.#make();
    this.#busy.add(channel);
    return channel;
  }

  give(channel: Channel): void {
    this.#busy.delete(channel);
    if (channel.generation === this.#generation && this.#idle.length < mostIdle) this.#idle.push(channel);
  }

  #make(): Channel {
    const resolver = new NodeResolver(this.#options);
    if (this.#servers !== null) resolver.setServers(this.#servers);
    if (this.#local !== null) setLocal(resolver, this.#local);
    return { resolver, generation: this.#generation };
  }

  cancelAll(): void {
    for (const { resolver } of this.#busy) resolver.cancel();
  }
}

function setLocal(resolver: NodeResolver, [ipv4, ipv6]: [string?, string?]): void {
  if (ipv6 === undefined) resolver.setLocalAddress(ipv4);
  else resolver.setLocalAddress(ipv4, ipv6);
}
