/** A path of an API below the path of its URL, percent-encoded: `https://host/base/` and `/x` give `/base/x`. */
export function pathBelow({ pathname }: URL, path: string): string {
  return `${pathname.replace(/\/+$/, '')}${path}`;
}
