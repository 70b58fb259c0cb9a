import type { TextPosition } from './template-error.js';
import type { ValueHelper } from './value-helpers.js';
import type { VariablePath } from './variable-scope.js';

/** A checked expression: every name in it is known, every helper has the arguments it needs. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'variable'; readonly path: VariablePath; readonly position: TextPosition }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly helper: ValueHelper;
      readonly parameters: readonly Expression[];
      readonly position: TextPosition;
    };

/** A checked statement. `otherwise` is what stands behind `{{else}}`. */
export type Statement =
  | { readonly kind: 'text'; readonly text: string; readonly original: string; readonly position: TextPosition }
  | {
      readonly kind: 'print';
      readonly expression: Expression;
      /** True for `{{json x}}`: the expression gives JSON text, which is printed as it is. */
      readonly isJsonText: boolean;
      readonly position: TextPosition;
    }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly includeZero: Expression;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
      readonly position: TextPosition;
    }
  | {
      readonly kind: 'each' | 'with';
      readonly subject: Expression;
      readonly blockParameters: readonly string[];
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
      readonly position: TextPosition;
    };
