/** More at once nobody reads. */
const mostNames = 10;

/** `kind, name, url`; of many the first, and how many more there are. `none` when there are none. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.length > mostNames + 1 ? names.slice(0, mostNames) : names;
  const rest = names.length - shown.length;
  return `${shown.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
}
