/**
 * Functions on worker threads, called in blocking style.
 * @packageDocumentation
 */
export { execute, killAll, proxy, setSize, statistics } from './default_pool';
export { type ModuleProxy } from './module_proxy';
export { move } from './move';
export { Remote } from './remote';
export { type ModuleFunction, type Target } from './target';
export { type ExecuteOptions, TPool, type TPoolOptions, type TPoolStatistics } from './thread_pool';
