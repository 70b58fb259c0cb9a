import { expect, test } from 'vitest';
import { chosenTriggers } from './chosen-triggers.js';

const tasks = [
  { name: 'acme/a', triggers: [{ name: 'slack' }, { name: 'dbt' }] },
  { name: 'acme/b', triggers: [{ name: 'slack' }] },
  { name: 'acme/c', triggers: [] },
];

function names(choice: Parameters<typeof chosenTriggers>[1], alsoKnown?: string[]): Record<string, string[]> {
  const chosen = chosenTriggers(tasks, choice, 'spec.yaml', alsoKnown);
  return Object.fromEntries(chosen.map(({ task, triggers }) => [task.name, triggers.map(({ name }) => name)]));
}

test('means all where nothing is named', () => {
  expect(names({})).toEqual({ 'acme/a': ['slack', 'dbt'], 'acme/b': ['slack'], 'acme/c': [] });
});

test('means what is named, and leaves out what has none of it', () => {
  expect(names({ trigger: ['slack'] })).toEqual({ 'acme/a': ['slack'], 'acme/b': ['slack'] });
  expect(names({ materialization: ['acme/a', 'acme/c'] })).toEqual({ 'acme/a': ['slack', 'dbt'], 'acme/c': [] });
  expect(names({ materialization: ['acme/b', 'acme/a'], trigger: ['dbt'] })).toEqual({ 'acme/a': ['dbt'] });
});

test.each([
  [{ trigger: ['slak'] }, 'There is no trigger slak in spec.yaml: did you mean slack?'],
  [{ trigger: ['pager', 'dbt'] }, 'There is no trigger pager in spec.yaml: there are slack and dbt.'],
  [{ materialization: ['acme/b'], trigger: ['dbt'] }, 'There is no trigger dbt in acme/b: there is only slack.'],
  [{ materialization: ['acme/x'] }, 'There is no materialization acme/x in spec.yaml: did you mean acme/a?'],
])('refuses %j', (choice, message) => {
  expect(() => names(choice)).toThrow(message);
});

test('takes no name for a slip that is in the spec and cannot be read', () => {
  expect(names({ trigger: ['pager'] }, ['pager'])).toEqual({});
});
