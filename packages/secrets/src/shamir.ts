/**
 * The secret of which each share is one point of a polynomial for each byte, in the field of AES; the last byte of a share
 * says where its points lie. Undefined: the shares do not fit together.
 */
export function combineShares(shares: readonly Uint8Array[]): Uint8Array | undefined {
  const [first] = shares;
  const places = shares.map((share) => share.at(-1) ?? 0);
  const isUsable = new Set(places).size === shares.length && !places.includes(0);
  if (first === undefined || first.length < 2 || !isUsable) return undefined;
  if (shares.some(({ length }) => length !== first.length)) return undefined;
  const weights = places.map((place) => weightAtZero(place, places));
  return Uint8Array.from({ length: first.length - 1 }, (_, index) =>
    shares.reduce((sum, share, number) => sum ^ times(share[index] ?? 0, weights[number] ?? 0), 0),
  );
}

/** How much the point at `place` counts for the value at 0: Lagrange's interpolation. */
function weightAtZero(place: number, places: readonly number[]): number {
  return places
    .filter((other) => other !== place)
    .reduce((weight, other) => times(weight, times(other, inverse(other ^ place))), 1);
}

/** Multiplication modulo x⁸+x⁴+x³+x+1. */
function times(left: number, right: number): number {
  let product = 0;
  for (let [shifted, rest] = [left, right]; rest > 0; rest >>= 1) {
    if (rest & 1) product ^= shifted;
    shifted = (shifted << 1) ^ (shifted & 0x80 ? 0x11b : 0);
  }
  return product;
}

/** The group of the field has 255 elements, so the 254th power is the inverse. */
function inverse(value: number): number {
  return Array.from({ length: 254 }).reduce<number>((power) => times(power, value), 1);
}
