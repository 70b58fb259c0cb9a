import type { OrderedValue } from './ordered-value.js';
import type { DocumentFormat } from './sealed-document.js';

/** The text of a document, laid out as sops does. */
export function writeDocument(document: OrderedValue, format: DocumentFormat): string {
  return format === 'json' ? `${jsonText(document, '')}\n` : yamlText(document, '').replace(/^\n/, '');
}

function jsonText(value: OrderedValue, indentation: string): string {
  const inner = `${indentation}\t`;
  const isArray = Array.isArray(value);
  if (!isArray && !(value instanceof Map)) return scalarText(value);
  const [open, close] = isArray ? '[]' : '{}';
  const parts = isArray
    ? value.map((element) => jsonText(element, inner))
    : [...value].map(([name, field]) => `${JSON.stringify(name)}: ${jsonText(field, inner)}`);
  if (parts.length === 0) return `${open}${close}`;
  return `${open}\n${parts.map((part) => `${inner}${part}`).join(',\n')}\n${indentation}${close}`;
}

/** In block style, beginning with the line break or the space that separates it from its name or dash. */
function yamlText(value: OrderedValue, indentation: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []\n';
    return `\n${value.map((element) => `${indentation}-${yamlElement(element, `${indentation}    `)}`).join('')}`;
  }
  if (value instanceof Map) {
    if (value.size === 0) return ' {}\n';
    const inner = `${indentation}    `;
    return `\n${[...value].map(([name, field]) => `${indentation}${yamlScalar(name)}:${yamlText(field, inner)}`).join('')}`;
  }
  return ` ${yamlScalar(value)}\n`;
}

/** What follows a dash: the first field of a mapping stands beside it. */
function yamlElement(element: OrderedValue, indentation: string): string {
  return yamlText(element, indentation).replace(/^\n */, '   ');
}

/** Words that no reader of YAML takes for anything but a text, whatever version of it. */
const plain = /^(?:ENC\[AES256_GCM,[\w+/=:,]*\]|[A-Za-z][\w./+-]*)$/;
const notText = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf)$/i;

function yamlScalar(value: null | boolean | number | bigint | string): string {
  if (typeof value !== 'string') return scalarText(value);
  return plain.test(value) && !notText.test(value) ? value : quoted(value);
}

/** What JSON leaves as it is and YAML 1.1 takes for a line break, or does not allow. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** A double beyond ±(2^53−1) always has an exponent: without one, some releases of sops take it for an integer. */
function scalarText(value: null | boolean | number | bigint | string): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'number') return JSON.stringify(value);
  if (Object.is(value, -0)) return '0';
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
}
