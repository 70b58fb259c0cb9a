import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder with programs in it, and what they write. */
export class Programs {
  readonly folder = mkdtempSync(join(tmpdir(), 'command-'));

  /** Writes a shell script and tells its path. */
  sh(name: string, body: string): string {
    return this.script(name, `#!/bin/sh\n${body}\n`);
  }

  /** Writes a script for Node and tells its path. */
  node(name: string, body: string): string {
    return this.script(name, `#!${process.execPath}\n${body}\n`);
  }

  script(name: string, text: string, mode = 0o755): string {
    const file = this.path(name);
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Whether a process is there and no zombie that nobody waits for. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // Where /proc is, a process that has ended and is still listed says so.
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}
