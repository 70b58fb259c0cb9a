import type { StoreSupports } from '@aftercommit/persistence';

/** The server's settings that say what an acknowledged commit survives, as `SHOW` prints them for a session. */
export type DurabilitySettings = {
  readonly fsync: string;
  readonly fullPageWrites: string;
  /** Never `off`: each session of a store turns it on. */
  readonly synchronousCommit: string;
  readonly synchronousStandbyNames: string;
};

/** The truth about a session's commits. A crash of PostgreSQL alone loses none of them, whatever is set. */
export function durabilityOf(settings: DurabilitySettings): StoreSupports['durability'] {
  if (settings.fsync === 'off' || settings.fullPageWrites === 'off') return 'process-crash';
  const waits = settings.synchronousStandbyNames !== '' && settings.synchronousCommit !== 'local';
  return waits ? 'replicated' : 'power-loss';
}

/** What should be said of it. Undefined: nothing. */
export function warningOf(durability: StoreSupports['durability'], where: string): string | undefined {
  if (durability === 'replicated') return undefined;
  if (durability === 'power-loss') {
    return (
      `${where} waits for no standby: what was acknowledged last is lost when the primary is lost and a standby takes ` +
      'over. Set synchronous_standby_names to change that'
    );
  }
  return (
    `${where} runs with fsync or full_page_writes turned off: acknowledged commits are lost in a power cut. Turn both on ` +
    'in postgresql.conf'
  );
}
