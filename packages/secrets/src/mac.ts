import { createHash, timingSafeEqual } from 'node:crypto';
import { leafText, type NumberModel, numberModels } from './leaf-text.js';
import { leavesOf, type PlacedLeaf } from './leaves.js';
import type { OrderedObject } from './ordered-value.js';

/** What a seal begins with when it covers encrypted leaves alone, so that it is never that of a whole document. */
const partialPrefix = createHash('sha256').update('sops').digest();

/**
 * The seal over the leaves of a decrypted document, in its order: upper-case hex.
 *
 * @param covers Which leaves a partial seal covers. Undefined: it is one of all leaves.
 */
export function macOf(
  document: OrderedObject,
  covers?: (path: PlacedLeaf['path']) => boolean,
  model?: NumberModel,
): string {
  const hash = createHash('sha512');
  if (covers !== undefined) hash.update(partialPrefix);
  for (const { leaf, path } of leavesOf(document)) {
    if (covers === undefined || covers(path)) hash.update(leafText(leaf, model), 'utf8');
  }
  return hash.digest('hex').toUpperCase();
}

/** Whether a seal is that of the document, for any release of sops. */
export function hasMac(document: OrderedObject, mac: string, covers?: (path: PlacedLeaf['path']) => boolean): boolean {
  return numberModels.some((model) => isSame(macOf(document, covers, model), mac));
}

function isSame(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [Buffer.from(left), Buffer.from(right)];
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}
