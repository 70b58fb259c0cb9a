/** The packages that a module imports, without those of Node. */
export function importedPackages(code: string): string[] {
  const specifiers = [...code.matchAll(/from '([^'.][^']*)'/g)].map(([, specifier = '']) => specifier);
  const names = specifiers
    .filter((specifier) => !specifier.startsWith('node:'))
    .map((specifier) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return [...new Set(names)];
}
