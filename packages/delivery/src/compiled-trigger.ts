import type { Window } from '@aftercommit/models';
import type { ValidatedTrigger } from '@aftercommit/registry';
import type { TriggerIdentity } from './trigger-identity.js';

/** A trigger that is ready to run: checked, identified, its template compiled. */
export type CompiledTrigger = ValidatedTrigger & {
  name: string;
  identity: TriggerIdentity;
  /** Where it delivers to, for people: scheme and host. */
  target: string;
  /** What may not appear anywhere: every secret value of its configuration, and of its URLs path and query. */
  secrets: string[];
  /**
   * The payload for a window. Pure: the same window gives the same payload.
   *
   * @throws TemplateError (of `@aftercommit/templating`) when it cannot be rendered, or what was rendered is not JSON.
   */
  render(window: Window): string;
};

/** A trigger whose template may be wrong: what it would send can be looked at. It is never run. */
export type DraftTrigger = Omit<CompiledTrigger, 'render'>;
