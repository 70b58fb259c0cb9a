import { fileRemoved, fileReplaced, fileTruncated } from './file-errors.js';
import { FileProgress } from './file-progress.js';
import type { FileMark } from './files-position.js';
import { OpenFile } from './open-file.js';

const lineFeed = 0x0a;

/** Enough to notice that a file was written anew, where its first bytes are not read again for that. */
const tailBytes = 256;

/**
 * Goes on behind a mark, after the bytes before it were read once more and found to be the same.
 *
 * @param pattern The one that stands for the file now.
 * @throws SourceError `SOURCE_CHANGED` when they are not the same.
 */
export async function resumeFile(
  file: { path: string; absolutePath: string; pattern: string },
  mark: FileMark,
  chunkBytes: number,
): Promise<FileProgress> {
  const open = await OpenFile.open(file.path, file.absolutePath);
  if (open === undefined) throw fileRemoved(file.path);
  try {
    const progress = new FileProgress(file.path, file.pattern);
    progress.checkSame(await open.stats(), mark.bytes);
    await readAgain(open, progress, mark.bytes, chunkBytes);
    if (progress.prefix.digest() !== mark.sha256) throw fileReplaced(file.path, mark.bytes);
    progress.lines = mark.lines;
    progress.tail = await readTail(open, mark.bytes);
    progress.isInsideLine = progress.tail.at(-1) !== lineFeed;
    return progress;
  } finally {
    await open.close();
  }
}

/** The last bytes before a position. */
export function readTail(open: OpenFile, position: number): Promise<Buffer> {
  const length = Math.min(tailBytes, position);
  return open.read(position - length, length);
}

async function readAgain(open: OpenFile, progress: FileProgress, bytes: number, chunkBytes: number): Promise<void> {
  while (progress.bytes < bytes) {
    const chunk = await open.read(progress.bytes, Math.min(chunkBytes, bytes - progress.bytes));
    if (chunk.length === 0) throw fileTruncated(progress.path, progress.bytes, bytes);
    progress.prefix.arrive(chunk);
    progress.bytes += chunk.length;
    progress.prefix.advance(progress.bytes);
  }
}
