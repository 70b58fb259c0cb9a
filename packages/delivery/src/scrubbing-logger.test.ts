import type { JsonObject } from '@aftercommit/models';
import { Redactor } from '@aftercommit/registry/redaction';
import { expect, it } from 'vitest';
import { scrubbingLogger } from './scrubbing-logger.js';

const about = { materialization: 'acme/orders', trigger: 'dbt' };

function logged(): {
  logger: ReturnType<typeof scrubbingLogger>;
  lines: Array<[string, string, JsonObject | undefined]>;
} {
  const lines: Array<[string, string, JsonObject | undefined]> = [];
  const inner = {
    info: (message: string, fields?: JsonObject) => void lines.push(['info', message, fields]),
    warn: (message: string, fields?: JsonObject) => void lines.push(['warn', message, fields]),
  };
  return { logger: scrubbingLogger(inner, new Redactor(['Bearer s3cret', '8675309']), about), lines };
}

it('scrubs messages and keeps their level', () => {
  const { logger, lines } = logged();
  logger.info('sent s3cret');
  logger.warn('refused s3cret');
  expect(lines).toEqual([
    ['info', 'sent [redacted]', about],
    ['warn', 'refused [redacted]', about],
  ]);
});

it('scrubs fields at any depth, their names too', () => {
  const { logger, lines } = logged();
  logger.warn('refused', {
    status: 401,
    'x-s3cret': { list: ['a', { deep: 'Bearer s3cret' }], none: null, yes: true },
  });
  expect(lines).toEqual([
    [
      'warn',
      'refused',
      { status: 401, 'x-[redacted]': { list: ['a', { deep: '[redacted]' }], none: null, yes: true }, ...about },
    ],
  ]);
});

it('scrubs a secret that is logged as a number', () => {
  const { logger, lines } = logged();
  logger.info('sent', { pin: 8675309, port: 8080 });
  expect(lines).toEqual([['info', 'sent', { pin: '[redacted]', port: 8080, ...about }]]);
});

it('lets no field take the place of the trigger that logs it', () => {
  const { logger, lines } = logged();
  logger.info('sent', { trigger: 'another', status: 204 });
  expect(lines).toEqual([['info', 'sent', { status: 204, ...about }]]);
});
