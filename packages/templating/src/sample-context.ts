import { isSameShape, type TemplateShape, type TemplateVariables } from './template-shape.js';
import { windowShape } from './window-shape.js';

/** Values for one trial render. */
export type Sample = {
  /** What is special about the values, as it is said in an issue: "with one collection". */
  readonly description: string;
  readonly collectionNames: readonly string[];
  /** Stands for every string that is not given in `context`; for all of them when `replacesContext`. */
  readonly text: string;
  readonly replacesContext: boolean;
  /** True to leave out what a window may lack: the image and the times of publication. */
  readonly leavesOut: boolean;
};

/** Values a variable might have, each of which breaks a payload that is put together as plain text. */
export const hostileTexts: readonly (readonly [name: string, text: string])[] = [
  ['a quote', 'a"b'],
  ['a backslash', 'a\\b'],
  ['a line break', 'a\nb'],
  ['U+2028', 'a\u2028b'],
  ['</script>', '</script>'],
  ['__proto__', '__proto__'],
];

/** Values for the variables of a template. */
export function sampleContext(
  variables: TemplateVariables,
  sample: Sample,
  context: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const invented = Object.entries(variables).map(([name, shape]) => [name, sampleVariable(name, shape, sample)]);
  const given = Object.entries(context).filter(([name]) => !sample.replacesContext && Object.hasOwn(variables, name));
  return Object.fromEntries([...invented, ...given]);
}

function sampleVariable(name: string, shape: TemplateShape, sample: Sample): unknown {
  const { collectionNames, text } = sample;
  switch (isWindowVariable(name, shape) ? name : undefined) {
    case 'collection_names':
      return collectionNames;
    case 'resource_paths':
      return collectionNames.map((collection) => [collection]);
    case 'docs_total':
      return collectionNames.length;
    case 'connector_image':
    case 'flow_published_at_min':
    case 'flow_published_at_max':
      return sample.leavesOut ? '' : text;
    default:
      return sampleValue(shape, text);
  }
}

function isWindowVariable(name: string, shape: TemplateShape): boolean {
  return Object.entries(windowShape).some(([known, its]) => known === name && isSameShape(its, shape));
}

function sampleValue(shape: TemplateShape, text: string): unknown {
  if (shape === 'number') return 1;
  if (shape === 'boolean') return true;
  if (typeof shape === 'string') return text;
  if ('array' in shape) return [sampleValue(shape.array, text)];
  return Object.fromEntries(Object.entries(shape.fields).map(([name, field]) => [name, sampleValue(field, text)]));
}
