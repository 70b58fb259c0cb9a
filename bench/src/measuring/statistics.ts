/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** A median with the middle half of the values around it. */
export type Spread = { median: number; from: number; to: number; count: number };

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: quantile(values, 0.5),
    from: quantile(values, 0.25),
    to: quantile(values, 0.75),
    count: values.length,
  };
}

/** By which power a cost grows with a size: 0 not at all, 1 in proportion. The slope of a line through the logarithms. */
export function growthPower(points: ReadonlyArray<{ size: number; cost: number }>): number {
  const logs = points.map(({ size, cost }) => ({ x: Math.log(size), y: Math.log(cost) }));
  const meanX = logs.reduce((sum, { x }) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, { y }) => sum + y, 0) / logs.length;
  const both = logs.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  return both / logs.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
}
