/**
 * Tools for looking at green threads.
 * @packageDocumentation
 */
export { spawnStacks } from '../spawn_stack';
