import { describe, expect, it } from 'vitest';
import { isTemplateError, TemplateError } from './template-error.js';

const issue = { code: 'TEMPLATE_RENDER', message: 'It broke.', line: 2, column: 3 } as const;

describe('TemplateError', () => {
  it('carries the code of its first issue and tells all of them', () => {
    const error = new TemplateError([issue, { ...issue, code: 'TEMPLATE_NOT_JSON', line: 4 }]);
    expect(error.code).toBe('TEMPLATE_RENDER');
    expect(error.message).toBe('Line 2, column 3: It broke.\nLine 4, column 3: It broke.');
  });

  it('is recognised when another copy of the package threw it', () => {
    const foreign = { [Symbol.for('aftercommit.TemplateError')]: true };
    expect([isTemplateError(foreign), isTemplateError(new Error('x')), isTemplateError(null)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
