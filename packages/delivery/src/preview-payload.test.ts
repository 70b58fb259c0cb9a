import { Redactor } from '@aftercommit/registry/redaction';
import { describe, expect, it } from 'vitest';
import { windowOf } from '../test/delivery-bench.js';
import { type PayloadPreview, previewPayload } from './preview-payload.js';

function preview(payloadTemplate: string, secrets: Record<string, string> = {}): PayloadPreview {
  const trigger = { payloadTemplate, templateContext: { headers: secrets } };
  return previewPayload(trigger, windowOf(3), new Redactor(Object.values(secrets)));
}

/** The character that the fault is at, of the text as it is shown. */
function faulty({ text, faults: [fault] }: PayloadPreview): string | undefined {
  const { line = 0, column = 0 } = fault?.inPayload ?? {};
  return text?.split('\n')[line - 1]?.slice(column - 1);
}

describe('previewPayload', () => {
  it('renders what would be sent', () => {
    expect(preview('{"docs":{{docs_total}} }')).toEqual({ text: '{"docs":3 }', faults: [] });
  });

  it('shows what is no JSON, and where it stops to be, in the payload and in the template', () => {
    expect(preview('{\n"docs": {{docs_total}}\n"run": 1}')).toEqual({
      text: '{\n"docs": 3\n"run": 1}',
      faults: [
        {
          code: 'TEMPLATE_NOT_JSON',
          message: 'The payload is not JSON: the character here does not belong.',
          inPayload: { line: 3, column: 1 },
          inTemplate: { line: 3, column: 1 },
        },
      ],
    });
    expect(preview('{"docs":{{docs_total}}').faults).toMatchObject([
      { message: 'The payload is not JSON: it ends too early.', inPayload: { line: 1, column: 10 } },
    ]);
  });

  it('says everything that is wrong with a template that cannot be rendered', () => {
    const { text, faults } = preview('{{docs}}\n{{run}}');
    expect(text).toBeNull();
    expect(faults).toMatchObject([
      { code: 'TEMPLATE_UNKNOWN_VARIABLE', inTemplate: { line: 1, column: 3 }, inPayload: null },
      { code: 'TEMPLATE_UNKNOWN_VARIABLE', inTemplate: { line: 2, column: 3 }, inPayload: null },
    ]);
    expect(preview('{{#if}').faults).toMatchObject([{ code: 'TEMPLATE_SYNTAX' }]);
  });

  it('shows no secret, and finds the place in what is shown', () => {
    const long = preview('{"a": "{{headers.Auth}}", b}', { Auth: 'a-secret-that-is-longer-than-its-place' });
    expect([long.text, faulty(long)]).toEqual(['{"a": "[redacted]", b}', 'b}']);
    const short = preview('{"a": "{{headers.Auth}}",\n"{{headers.Auth}}" b}', { Auth: 's3cr' });
    expect([short.text, faulty(short)]).toEqual(['{"a": "[redacted]",\n"[redacted]" b}', 'b}']);
  });

  it('finds a fault within a secret where that is', () => {
    const bare = preview('{"a": {{headers.Auth}}, "b": 1}', { Auth: 'bearer-of-a-secret' });
    expect([bare.text, faulty(bare)]).toEqual(['{"a": [redacted], "b": 1}', '[redacted], "b": 1}']);
    const number = preview('{"a": {{headers.Auth}}, "b": 1}', { Auth: '12345-secret' });
    expect([number.text, faulty(number)]).toEqual(['{"a": [redacted], "b": 1}', '[redacted], "b": 1}']);
  });

  it('cuts what nobody reads, and has no place behind the cut', () => {
    const trigger = { payloadTemplate: '{{json collection_names}} no', templateContext: {} };
    const window = windowOf(3, { collection_names: ['a'.repeat(100_500)] });
    const { text, faults } = previewPayload(trigger, window, new Redactor([]));
    expect(text).toHaveLength(100_001);
    expect(faults).toMatchObject([{ inPayload: null, inTemplate: { line: 1, column: 27 } }]);
  });
});
