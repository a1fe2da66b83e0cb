/**
 * The hub: who runs when, and on what loop.
 * @packageDocumentation
 */
export { Hub, type HubStats } from './hub';
export { type Listener, type ListenerKind } from './listener';
export { NodeHub } from './node_hub';
export { EpollHub, KqueueHub, ReactorHub } from './reactor_hub';
export { availableHubs, getHub, type HubClass, useHub } from './registry';
export { type Timer } from './timer_queue';
export {
  notifyClose,
  type ReadinessOptions,
  trampoline,
  type TrampolineOptions,
  waitReadable,
  waitWritable,
} from '../readiness';
