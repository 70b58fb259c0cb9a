import type { YAMLError } from 'yaml';

/**
 * What the YAML library found, in words that say what to do. Nothing of the file is quoted but punctuation: what stands there
 * can be a secret.
 */
export function yamlProblem({ code, message, pos: [offset] }: YAMLError, text: string): string {
  if (isLoneDash(text.slice(offset, offset + 2)) && dashProblems.includes(code)) {
    return 'Here "-" begins an entry of a list, which stands on a line of its own. Put a text that is just "-" in quotes.';
  }
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'This line is indented with a tab, which YAML does not allow. Use spaces.';
    case 'BAD_INDENT':
      return badIndent(message);
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'A second field begins inside of this value. Put it on a line of its own, or the whole value in quotes if ": " is a part of it.';
    case 'BLOCK_IN_FLOW':
    case 'MULTILINE_IMPLICIT_KEY':
      if (/^[\w.-]+:[^\s/]/.test(text.slice(offset))) return 'A space is missing behind the colon.';
      return text.trimStart().startsWith('{')
        ? 'Something is missing here, most likely a comma between two fields.'
        : 'This line is no field. Write "name: value", and indent what belongs to the line above further than it.';
    case 'MISSING_CHAR':
      return missingCharacter(message);
    case 'BAD_DQ_ESCAPE':
      return 'In double quotes "\\" begins an escape, and this is none. Write "\\\\", or use single quotes.';
    case 'BAD_SCALAR_START':
      return `A text without quotes cannot begin with "${text.charAt(offset)}". Put it in quotes.`;
    case 'NON_STRING_KEY':
      return text.charAt(offset) === '{'
        ? 'A value that begins with "{" is a mapping in YAML. Put a text such as a template in single quotes.'
        : 'The name of a field must be a plain text, without an alias, a list or a mapping in it.';
    case 'TAG_RESOLVE_FAILED':
    case 'BAD_COLLECTION_TYPE':
      return 'Tags (!name) are not understood here, and would change nothing. Remove it, or put a text that begins with "!" in quotes.';
    case 'UNEXPECTED_TOKEN':
      return 'This does not belong here. Look for a bracket or quote that is one too many, or for one that is missing further up.';
    case 'KEY_OVER_1024_CHARS':
      return 'The name of a field is longer than 1,024 characters. Look for a quote that is missing.';
    case 'BAD_DIRECTIVE':
      return 'A line that begins with "%" is a directive for YAML, and this is none. Remove it.';
    case 'BAD_ALIAS':
    case 'ALIAS_PROPS':
    case 'BAD_PROP_ORDER':
    case 'MULTIPLE_ANCHORS':
    case 'MULTIPLE_TAGS':
      return 'Anchors (&name), aliases (*name) and tags (!name) do not stand like this. Put a text that begins so in quotes.';
    default:
      return 'This is no YAML that can be read.';
  }
}

const dashProblems: ReadonlyArray<YAMLError['code']> = ['BLOCK_IN_FLOW', 'UNEXPECTED_TOKEN', 'BLOCK_AS_IMPLICIT_KEY'];

function isLoneDash(text: string): boolean {
  return /^-(?:[\s,\]}]|$)/.test(text);
}

function badIndent(message: string): string {
  if (message.startsWith('Flow map'))
    return 'A "{" further up is not closed. Write the "}", or indent what is inside of it.';
  if (message.startsWith('Flow sequence'))
    return 'A "[" further up is not closed. Write the "]", or indent what is inside of it.';
  if (message.startsWith('Block scalar')) return 'A text after "|" or ">" must be indented, each line of it.';
  return 'This line is indented differently from those it belongs to, or the ones above it are. Indent the fields of one mapping, and the entries of one list, alike.';
}

function missingCharacter(message: string): string {
  if (message.startsWith('Missing closing')) return 'This quote is not closed.';
  if (message.startsWith('Implicit map keys')) return 'There is no colon behind this name. Write "name: value".';
  if (message.startsWith('Sequence item'))
    return 'An entry of a list begins with "- ". Write it, or indent this line as the entry above.';
  if (message.startsWith('Flow map must')) return 'A "{" further up is not closed. Write the "}".';
  if (message.startsWith('Flow sequence must')) return 'A "[" further up is not closed. Write the "]".';
  if (message.startsWith('Missing ,')) return 'A comma is missing here.';
  if (message.startsWith('Missing space after :')) return 'A space is missing behind the colon.';
  return 'Something is missing here, most likely a space, a colon or a line "---".';
}
