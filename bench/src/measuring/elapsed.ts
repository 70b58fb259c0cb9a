/** Milliseconds between two instants of `process.hrtime.bigint`. */
export function elapsedMs(fromNs: bigint, toNs: bigint): number {
  return Number(toNs - fromNs) / 1e6;
}
