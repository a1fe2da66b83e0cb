/**
 * Pools of database connections.
 * @packageDocumentation
 */
export { rollback } from './connection';
export {
  type Cleanup,
  DbPool,
  type DbPoolLimits,
  type DbPoolOptions,
  type DbPoolStatistics,
  type HeldConnection,
  type ThreadedDbPoolOptions,
} from './db_pool';
