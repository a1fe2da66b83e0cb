import { UnsupportedRuntimeError } from './errors';
import { loadNative, type Native } from './native';
import { version } from './version';

/**
 * What all copies of verdant in one realm (one `globalThis`) share. Two copies arise from nested node_modules, links and
 * module registries that are reset; a green thread spawned by one must be able to block in a call of the other.
 */
export interface Realm {
  readonly version: string;
  readonly path: string;
  readonly native: Native;
  /** Everything the upper floors keep in one place only, by the name of its owner. */
  readonly shared: Map<string, unknown>;
}

const key = Symbol.for('verdant.realm');

function adoptOrCreate(): Realm {
  const host = globalThis as { [key]?: Realm };
  const existing = host[key];
  if (existing === undefined) {
    const realm: Realm = { version, path: __dirname, native: loadNative(), shared: new Map() };
    Object.defineProperty(host, key, { value: realm, configurable: true });
    return realm;
  }
  if (existing.version !== version) {
    throw new UnsupportedRuntimeError(
      `version ${existing.version} is already loaded from ${existing.path}, and this is ${version} from ${__dirname}. ` +
        'Two versions cannot share one thread: dedupe them (npm dedupe, or overrides)',
    );
  }
  return existing;
}

export const realm = adoptOrCreate();
export const native = realm.native;

/** The one value of that name in this realm, made at first use. */
export function shared<T>(name: string, make: () => T): T {
  if (!realm.shared.has(name)) realm.shared.set(name, make());
  return realm.shared.get(name) as T;
}
