/** How much is held in memory at a time, in bytes. */
export type ReadingSizes = {
  /** Read from a file at once. */
  chunkBytes: number;
  /** A page ends when its documents have this length. */
  pageBytes: number;
  /** The longest line. */
  lineBytes: number;
};

export const defaultSizes: ReadingSizes = {
  chunkBytes: 128 * 1024,
  pageBytes: 1024 * 1024,
  lineBytes: 64 * 1024 * 1024,
};
