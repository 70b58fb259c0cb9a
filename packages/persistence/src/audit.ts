/**
 * Whether a task's state is consistent, and what became of each of its last commits.
 *
 * @module
 */
export { type AuditOptions, auditTask } from './audit/audit-task.js';
export type {
  AuditedCommit,
  AuditedOutbox,
  CommitInOutbox,
  Inconsistency,
  InconsistencyCode,
  Standing,
  TaskAudit,
} from './audit/task-audit.js';
