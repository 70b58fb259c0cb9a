/** What an audit says of a task's state. */
export type TaskAudit = {
  /** The last commits that outboxes were told of, at most 1,000, oldest first. */
  commits: AuditedCommit[];
  /** The outboxes there are, by id. */
  outboxes: AuditedOutbox[];
  /** Empty: every commit is accounted for in every outbox, as far back as commits are kept. */
  inconsistencies: Inconsistency[];
};

/** An outbox, and whether anything comes out of it. */
export type AuditedOutbox = {
  /** Six digits, by which the keys of the state name it. */
  id: string;
  /** Its trigger's. Null: it does not say. */
  name: string | null;
  /** Whether a trigger had it at the last opening: one without is kept, and fires no more. */
  hasTrigger: boolean;
};

/** A commit, and what became of it. */
export type AuditedCommit = {
  /** Counted up from commit to commit of the task. */
  number: number;
  /** When its transaction began: the run id. */
  runId: string;
  /** Source documents that it read. */
  docsTotal: number;
  /** Their bytes as read. */
  bytesTotal: number;
  /** Whether the endpoint committed it, and the task learnt of it later. */
  isAdopted: boolean;
  /** One for each outbox that was given its window. */
  outboxes: CommitInOutbox[];
};

/**
 * What became of a commit in an outbox.
 *
 * - `waiting`: for its turn, its interval, or that it becomes visible in the endpoint.
 * - `being-tried`: it is in the delivery that the lane works on.
 * - `parked`, `delivered`, `dropped`: as the words say.
 * - `removed`: the outbox is gone, with its trigger: it was empty then, or a person dropped it with all it held.
 * - `forgotten`: an endpoint of an older copy committed it again, and how deliveries of that time ended is not kept any more.
 * - `lost`: nothing is known of it, and something must be.
 */
export type Standing =
  | 'waiting'
  | 'being-tried'
  | 'parked'
  | 'delivered'
  | 'dropped'
  | 'removed'
  | 'forgotten'
  | 'lost';

/** What became of a commit in one outbox. */
export type CommitInOutbox = {
  /** The outbox's id. */
  outbox: string;
  /** Null: the outbox is gone, or does not say. */
  name: string | null;
  /** Where it is now, or how it ended. */
  standing: Standing;
  /** The run id of the delivery it was united into. Null: it was not, or is the first of a union, which has its run id. */
  unitedInto: string | null;
  /** When it was delivered, dropped or parked, in milliseconds since the Unix epoch. Null: it was not. */
  at: number | null;
};

/** What is wrong with a state. */
export type InconsistencyCode =
  /** A key that is none of the layout. */
  | 'KEY_UNKNOWN'
  /** A value that is not what its key promises. */
  | 'RECORD_UNREADABLE'
  /** There is no last commit, or more than one, or another than the last that outboxes were told of. */
  | 'LAST_COMMIT_WRONG'
  /** One of the last commits is not kept. */
  | 'COMMIT_MISSING'
  /** Something in an outbox is of a commit that nobody knows. */
  | 'COMMIT_UNKNOWN'
  /** Nothing in an outbox is of a commit that it was told of. */
  | 'COMMIT_LOST'
  /** Two things in an outbox are of one commit. */
  | 'COMMIT_TWICE'
  /** Documents or bytes of a delivery are not those of its commits. */
  | 'SUM_WRONG'
  /** Run ids do not rise, or one that was given out may be given out again. */
  | 'RUN_ID_WRONG'
  /** Keys of an outbox that does not say whose it is. */
  | 'OUTBOX_NAMELESS'
  /** Two outboxes have one name. */
  | 'OUTBOX_NAME_TWICE'
  /** An id that was given to an outbox may be given to another. */
  | 'OUTBOX_ID_WRONG'
  /** A window, or what is left of one, is not where it belongs. */
  | 'WINDOW_OUT_OF_PLACE'
  /** A delivery is said to be tried, and there is no window. */
  | 'DELIVERY_WITHOUT_WINDOW'
  /** A window was taken as a delivery, and is none. */
  | 'DELIVERY_MISSING'
  /** Two deliveries have one idempotency key. */
  | 'IDEMPOTENCY_KEY_TWICE'
  /** More is kept than ever should be. */
  | 'TOO_MANY';

/** Something in a state that contradicts the rest of it. */
export type Inconsistency = {
  /** What kind of contradiction it is, for programs. */
  code: InconsistencyCode;
  /** The keys of the state that it is about; of what is missing, those that tell. */
  keys: string[];
  /** The name of the outbox that it is about, its id where it has none. Null: it is about the task. */
  outbox: string | null;
  /** Of the commit or delivery that it is about. Null: it is about none, or about several. */
  runId: string | null;
  /** What is wrong, as a sentence. It quotes no document and no value of a variable. */
  problem: string;
  /** What a person can do about it. */
  advice: string;
};
