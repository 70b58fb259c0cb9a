/** Beyond these a template is refused with an error instead of exhausting the stack, the memory or the patience of its host. */
export const templateLimits = {
  /** Length of a template in UTF-16 code units. Handlebars' parser takes quadratic time over deep nesting: this bounds it to seconds. */
  sourceLength: 100_000,
  /** Blocks and subexpressions inside one another; each `{{else if}}` is one more. */
  nesting: 100,
  /** Length of a rendered payload in UTF-16 code units. */
  payloadLength: 16_777_216,
  /** Statements carried out for one payload, each turn of an `#each` counted anew. */
  steps: 5_000_000,
} as const;
