import type { DraftTrigger, PreviewedTask } from '@aftercommit/delivery';
import type { FilePlace, TextPosition } from './spec-issue.js';

/** A materialization, as far as it can be read: enough to look at what its triggers would send. It may have errors, and is never run. */
export type DraftMaterialization = {
  name: string;
  /** `''`: its endpoint is no image. */
  connectorImage: string;
  bindings: PreviewedTask['bindings'];
  /** In the order of the spec, those with a wrong template too. One whose other fields are wrong is left out. */
  triggers: readonly DraftTrigger[];
  /** Where a place of a trigger's template stands. Undefined: in no file, or written with escapes. */
  placeInTemplate(trigger: DraftTrigger, place: TextPosition): FilePlace | undefined;
};
