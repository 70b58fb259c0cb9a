import type { Coordinator, CoordinatorOptions, Ordinal } from '@aftercommit/persistence-postgres/coordination';
import { InvalidArgumentError } from 'commander';

/** How a run shares its tasks with others: by claims in the database, or by the number of its process. */
export type CoordinationChoice = true | Ordinal;

/** The value of `--coordinate`. */
export function readOrdinal(text: string): Ordinal {
  const [, ordinal, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (Number(ordinal) < Number(of)) return { ordinal: Number(ordinal), of: Number(of) };
  throw new InvalidArgumentError(
    'It is the number of this process and how many there are, such as 2/5: from 0/5 to 4/5. Without one, put it behind the spec.',
  );
}

/** Loaded only for those who coordinate: it stands on the driver of the database. */
export async function makeCoordinator(
  choice: CoordinationChoice,
  url: string,
  options: CoordinatorOptions,
): Promise<Coordinator> {
  const { PostgresCoordinator, StaticCoordinator } = await import('@aftercommit/persistence-postgres/coordination');
  return choice === true ? new PostgresCoordinator({ ...options, url }) : new StaticCoordinator(choice, options);
}
