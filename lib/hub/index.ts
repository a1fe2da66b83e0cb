/**
 * The hub: who runs when, and on what loop.
 * @packageDocumentation
 */
export { Hub, type HubStats } from './hub';
export { NodeHub } from './node_hub';
export { availableHubs, getHub, type HubClass, useHub } from './registry';
export { type Timer } from './timer_queue';
