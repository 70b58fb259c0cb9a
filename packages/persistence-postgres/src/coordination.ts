/**
 * Which process runs which tasks.
 *
 * @module
 */
export type {
  Assignment,
  CoordinationClock,
  CoordinationEvent,
  Coordinator,
  CoordinatorOptions,
  RunEnd,
  StopReason,
} from './coordination/coordinator.js';
export { type FleetView, readFleet, type SeenTask, type SeenWorker } from './coordination/fleet-view.js';
export { type Ordinal, ordinalTasks } from './coordination/ordinal-tasks.js';
export { PostgresCoordinator, type PostgresCoordinatorOptions } from './coordination/postgres-coordinator.js';
export { StaticCoordinator, type StaticShare } from './coordination/static-coordinator.js';
