import { hostileTexts, type Sample, sampleCollections } from './sample-context.js';

/** One is the least that a window names; two show what stands between them; many show what grows. */
export const inventedCounts: readonly number[] = [1, 2, 10_000];

function inventNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `example/collection-${index + 1}`);
}

export function inventedSamples(): Sample[] {
  return inventedCounts.map(inventNames).flatMap(ordinarySamples);
}

export function namesToTry(collectionNames: readonly string[]): (readonly string[])[] {
  return collectionNames.length === 1 ? [collectionNames] : [collectionNames.slice(0, 1), collectionNames];
}

export function ordinarySamples(names: readonly string[]): Sample[] {
  const description = describeCount(names.length);
  const collections = sampleCollections(names);
  const sample: Sample = { description, collections, text: 'example', replacesContext: false, leavesOut: false };
  return [
    sample,
    { ...sample, description: `${description} and without an image or times of publication`, leavesOut: true },
  ];
}

export function hostileSamples(count: number): Sample[] {
  return hostileTexts.map(([name, text]) => ({
    description: `${describeCount(count)} and ${name} in every string`,
    collections: sampleCollections(Array.from({ length: count }, (_, index) => `${text}${index}`)),
    text,
    replacesContext: true,
    leavesOut: false,
  }));
}

function describeCount(count: number): string {
  return count === 1 ? 'with one collection' : `with ${count} collections`;
}
