/**
 * Blocking-style code on green threads, in one OS thread, at home in Node.
 * @packageDocumentation
 */
export { asyncIterate } from './bridge/async_iterate';
export { asyncToGreen } from './bridge/async_to_green';
export { type Blocking, blocking } from './bridge/blocking';
export { greenToAsync } from './bridge/green_to_async';
export { greenToPromise, type GreenToPromiseOptions } from './bridge/green_to_promise';
export { iterate } from './bridge/iterate';
export { once } from './bridge/once';
export { promiseToGreen, type PromiseToGreenOptions } from './bridge/promise_to_green';
export { wait } from './bridge/wait';
export {
  ClosedError,
  ConcurrentUseError,
  DeadlockError,
  GreenExit,
  NotGreenError,
  QueueEmpty,
  QueueFull,
  TimeoutError,
  UnsupportedRuntimeError,
  VerdantError,
} from './errors';
export { GreenThread, type GreenThreadState, type LinkCallback, type SpawnOptions } from './green_thread';
export { GreenLocal, type GreenLocalStatistics } from './local';
export { type BlockingOptions } from './park';
export { Collision, PropagateError } from './pool/dag_errors';
export { type DagFunction, type DagIterator, DagPool, type DagPoolStatistics } from './pool/dag_pool';
export { GreenPile, type GreenPileStatistics } from './pool/green_pile';
export { GreenPool, type GreenPoolStatistics, type IterablesOf } from './pool/green_pool';
export { Group, type GroupOptions, type GroupStatistics } from './pool/group';
export { type MapFunction, type PoolIterator } from './pool/map_iterator';
export { type Held, Pool, type PoolOptions, type PoolStatistics } from './pool/pool';
export { type PoolSpawnOptions } from './pool/spawn_arguments';
export { sleep } from './sleep';
export { cancel, getCurrent, kill, run, spawn, spawnAfter, spawnAfterLocal, spawnN } from './spawn';
export { type AcquireOptions } from './sync/acquire';
export { Barrier, type BarrierStatistics } from './sync/barrier';
export { BoundedSemaphore } from './sync/bounded_semaphore';
export { CappedSemaphore, type CappedSemaphoreStatistics } from './sync/capped_semaphore';
export { Channel } from './sync/channel';
export { Condition, type ConditionStatistics } from './sync/condition';
export { Event, type EventStatistics } from './sync/event';
export { LifoQueue } from './sync/lifo_queue';
export { LightQueue, type QueueOptions, type QueueStatistics } from './sync/light_queue';
export { Lock } from './sync/lock';
export { PriorityQueue, type PriorityQueueOptions } from './sync/priority_queue';
export { Queue, type TaskQueueStatistics } from './sync/queue';
export { RLock, type RLockStatistics } from './sync/rlock';
export { type Select, select, type SelectResult } from './sync/select';
export { type SelectCase } from './sync/select_case';
export { type Receivable } from './sync/select_readable';
export { Semaphore, type SemaphoreStatistics } from './sync/semaphore';
export { WaitGroup, type WaitGroupStatistics } from './sync/wait_group';
export { type CollectOptions, iwait, joinAll, killAll } from './threads';
export { isTimeout, Timeout, type TimeoutReason, withTimeout } from './timeout';
export { version } from './version';
