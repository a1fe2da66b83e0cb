import { VerdantError } from '../errors';
import { shared } from '../realm';
import { invalidType } from '../validate';
import { watchProcess } from './deadlock';
import { type Hub } from './hub';
import { NodeHub } from './node_hub';
import { guardPromisingExports } from './promising';
import { EpollHub, KqueueHub } from './reactor_hub';

/** A class of hubs: no constructor arguments. */
export type HubClass = new () => Hub;

const kinds = new Map<string, HubClass>([
  ['node', NodeHub],
  process.platform === 'linux' ? ['epoll', EpollHub] : ['kqueue', KqueueHub],
]);

const state = shared('hub', () => ({ hub: null as Hub | null, kind: null as HubClass | null }));

guardPromisingExports(() => state.hub);

/** The names `useHub` takes on this machine. */
export function availableHubs(): string[] {
  return [...kinds.keys()];
}

/**
 * This thread's hub; made at the first call, of the kind that `useHub` or the environment variable `VERDANT_HUB` says.
 * Each Worker has its own.
 */
export function getHub(): Hub {
  const { hub } = state;
  return hub !== null && hub.closed === null ? hub : makeHub();
}

function makeHub(): Hub {
  // A hub that closed because the process exits stays: nothing may start any more.
  if (state.hub !== null && state.hub.listenerCount('destroy') > 0) return state.hub;
  const Kind = state.kind ?? classOf(process.env.VERDANT_HUB ?? 'node');
  const hub = new Kind();
  state.hub = hub;
  watchProcess(hub);
  return hub;
}

/**
 * Chooses the kind of hub for this thread. The present hub is destroyed, which is refused while it has green threads.
 * @param kind - `'node'`, `'epoll'` (Linux), `'kqueue'` (macOS, BSD), or a class that extends `Hub`
 * @throws `ERR_VERDANT_HUB` for an unknown kind, or when green threads are alive
 */
export function useHub(kind: string | HubClass): Hub {
  const Kind = typeof kind === 'string' ? classOf(kind) : kind;
  if (!isHubClass(Kind)) throw invalidType('kind', 'a hub name or a class that extends Hub', kind);
  const previous = state.hub;
  if (previous !== null && previous.closed === null) {
    if (previous.live > 0) {
      throw new VerdantError(
        'ERR_VERDANT_HUB',
        `The hub has ${previous.live} live green threads: join or kill them first`,
      );
    }
    previous.destroy();
  }
  const before = state.kind;
  state.kind = Kind;
  try {
    return getHub();
  } catch (error) {
    state.kind = before; // its constructor threw
    throw error;
  }
}

// By its methods and not by instanceof: the class may come from another copy's Hub.
function isHubClass(kind: unknown): kind is HubClass {
  const prototype = typeof kind === 'function' ? (kind.prototype as Partial<Hub> | undefined) : undefined;
  return typeof prototype?.schedule === 'function' && typeof prototype.switchOut === 'function';
}

function classOf(name: string): HubClass {
  const Kind = kinds.get(name);
  if (Kind !== undefined) return Kind;
  throw new VerdantError('ERR_VERDANT_HUB', `There is no hub '${name}' here; available: ${availableHubs().join(', ')}`);
}
