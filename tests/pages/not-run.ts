/** The only reasons for which a block is not run. */
export const notRunKinds = {
  fleet: 'it needs several hosts',
  service: 'it needs a service of another company',
  ci: '.ci/run runs it, as a step of its own',
} as const;

/** Why a block is not run: one of the reasons there are, and what it means here. */
export type NotRun = { kind: keyof typeof notRunKinds; why: string };

const isKind = (text: string): text is NotRun['kind'] => Object.hasOwn(notRunKinds, text);

/**
 * Reads what stands behind `not run:`.
 *
 * @returns A text: what is wrong with it.
 */
export function readNotRun(text: string): NotRun | string {
  const [, kind = '', why = ''] = /^(\w*)(?:: +(\S.*))?$/.exec(text.trim()) ?? [];
  if (!isKind(kind)) {
    return `"not run: ${text.trim()}" gives no reason that counts: it begins with one of ${Object.keys(notRunKinds).join(', ')}`;
  }
  return why === '' ? `"not run: ${kind}" does not say why: "not run: ${kind}: …"` : { kind, why };
}
