import type { CompiledTemplate } from './compile-template.js';
import { fieldShape, isSameShape, type TemplateShape } from './template-shape.js';
import { windowShape } from './window-shape.js';

/** Values for one trial render. */
export type Sample = {
  /** What is special about the values, as it is said in an issue: "with one collection". */
  readonly description: string;
  readonly collections: SampleCollections;
  /** Stands for every string that is not given in `context`; for all of them when `replacesContext`. */
  readonly text: string;
  readonly replacesContext: boolean;
  /** True to leave out what a window may lack: the image and the times of publication. */
  readonly leavesOut: boolean;
};

/** The collections of a sample. Made once for all samples that have them. */
export type SampleCollections = { readonly names: readonly string[]; readonly resourcePaths: readonly string[][] };

export function sampleCollections(names: readonly string[]): SampleCollections {
  return { names, resourcePaths: names.map((name) => [name]) };
}

/** Values a variable might have, each of which breaks a payload that is put together as plain text. */
export const hostileTexts: readonly (readonly [name: string, text: string])[] = [
  ['a quote', 'a"b'],
  ['a backslash', 'a\\b'],
  ['a line break', 'a\nb'],
  ['U+2028', 'a\u2028b'],
  ['</script>', '</script>'],
  ['__proto__', '__proto__'],
];

/** Values for the variables of a template: for those that it reads. */
export function sampleContext(
  { variables, variablesRead }: Pick<CompiledTemplate, 'variables' | 'variablesRead'>,
  sample: Sample,
  context: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  for (const [name, shape] of Object.entries(variables)) {
    if (variablesRead?.has(name) === false) continue;
    const isGiven = !sample.replacesContext && Object.hasOwn(context, name);
    values.set(name, isGiven ? context[name] : sampleVariable(name, shape, sample));
  }
  return values;
}

function sampleVariable(name: string, shape: TemplateShape, sample: Sample): unknown {
  const { collections, text } = sample;
  switch (isWindowVariable(name, shape) ? name : undefined) {
    case 'collection_names':
      return collections.names;
    case 'resource_paths':
      return collections.resourcePaths;
    case 'docs_total':
      return collections.names.length;
    case 'connector_image':
    case 'flow_published_at_min':
    case 'flow_published_at_max':
      return sample.leavesOut ? '' : text;
    default:
      return sampleValue(shape, text);
  }
}

function isWindowVariable(name: string, shape: TemplateShape): boolean {
  const its = fieldShape({ fields: windowShape }, name);
  return its !== undefined && isSameShape(its, shape);
}

function sampleValue(shape: TemplateShape, text: string): unknown {
  if (shape === 'number') return 1;
  if (shape === 'boolean') return true;
  if (typeof shape === 'string') return text;
  if ('array' in shape) return [sampleValue(shape.array, text)];
  return Object.fromEntries(Object.entries(shape.fields).map(([name, field]) => [name, sampleValue(field, text)]));
}
