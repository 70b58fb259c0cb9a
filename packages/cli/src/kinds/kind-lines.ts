import { defaultTriggerKind } from '@aftercommit/models';
import { createColors } from 'picocolors';
import { oneLine } from '../terminal/readable-text.js';
import { fitEnd, padEnd, textWidth, wrapWords } from '../terminal/text-width.js';
import type { KindField } from './kind-field.js';
import type { ShownKind } from './shown-kind.js';

/** Where it is shown. `columns` undefined: in no terminal, so that nothing is cut or wrapped. */
export type Page = { isColored: boolean; columns: number | undefined };

/** Less of a description says nothing. */
const narrowest = 30;

/** A kind, and a line for each of its fields; where a terminal has no room beside them, the descriptions stand below. */
export function kindLines(kind: ShownKind, page: Page): string[] {
  const { fields } = kind;
  const names = widest(fields.map(({ name }) => name));
  const facts = [fields.map(({ type }) => oneLine(type)), fields.map(needOf)].map(widest);
  const [types = 0, needs = 0] = facts;
  const room = page.columns === undefined ? undefined : page.columns - names - types - needs - 8;
  const isNarrow = room !== undefined && room < narrowest;
  const { cyan, dim } = createColors(page.isColored);
  const row = (field: KindField): string => {
    const description = oneLine(field.description);
    const cells = [
      cyan(padEnd(field.name, names)),
      padEnd(oneLine(field.type), types),
      padEnd(needOf(field), needs),
      dim(room === undefined ? description : fitEnd(description, room)),
    ];
    return `  ${cells.join('  ')}`.trimEnd();
  };
  return [
    ...headOf(kind, page),
    ...fields.flatMap((field) => (isNarrow ? fieldLines({ ...field, limits: [] }, names, page) : [row(field)])),
  ];
}

/** A kind, and all there is to say of its fields and of those that every trigger has. */
export function kindInDetail(kind: ShownKind, page: Page): string[] {
  const width = widest([...kind.fields, ...kind.commonFields].map(({ name }) => name));
  const { bold } = createColors(page.isColored);
  return [
    ...headOf(kind, page),
    ...kind.fields.flatMap((field) => ['', ...fieldLines(field, width, page)]),
    '',
    bold('Every trigger also has'),
    ...kind.commonFields.flatMap((field) => ['', ...fieldLines(field, width, page)]),
  ];
}

function headOf({ name, plugin, description }: ShownKind, { isColored, columns }: Page): string[] {
  const { bold, dim } = createColors(isColored);
  const isDefault = name === defaultTriggerKind ? ', and meant where a trigger names no kind' : '';
  const origin = plugin === undefined ? `built in${isDefault}` : `from ${oneLine(plugin)}`;
  return [
    `${bold(name)}  ${dim(origin)}`,
    ...(description === '' ? [] : wrapped(`  ${oneLine(description)}`, '  ', columns)),
  ];
}

function fieldLines(field: KindField, width: number, { isColored, columns }: Page): string[] {
  const { cyan, dim } = createColors(isColored);
  const indent = ' '.repeat(width + 4);
  const facts = [field.type, ...field.limits, needOf(field)].map(oneLine).join('; ');
  return [
    `  ${cyan(padEnd(field.name, width))}  ${facts}`,
    ...(field.description === ''
      ? []
      : wrapped(`${indent}${oneLine(field.description)}`, indent, columns).map((line) => dim(line))),
  ];
}

/** Whether it must be given, and whether it is secret. */
function needOf({ isRequired, isSecret, default: value }: KindField): string {
  const isSomething = value !== undefined && JSON.stringify(value) !== '{}';
  const need = isRequired ? 'required' : isSomething ? `default ${valueText(value)}` : 'optional';
  return isSecret ? `${need}, secret` : need;
}

function valueText(value: KindField['default']): string {
  return typeof value === 'string' && value !== '' ? oneLine(value) : JSON.stringify(value);
}

function wrapped(text: string, indent: string, columns: number | undefined): string[] {
  return columns === undefined ? [text] : wrapWords(text, columns, indent);
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(textWidth));
}
