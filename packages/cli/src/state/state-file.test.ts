import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stateFile } from './state-file.js';

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'aftercommit-state-')));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('without --state', () => {
  test('is beside the spec, in a folder that git leaves out', () => {
    expect(stateFile(undefined, { cwd: '/', directory: folder })).toBe(join(folder, '.aftercommit', 'state.db'));
    expect(readFileSync(join(folder, '.aftercommit', '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('leaves a folder that is there as it is', () => {
    mkdirSync(join(folder, '.aftercommit'));
    stateFile(undefined, { cwd: '/', directory: folder });
    expect(() => readFileSync(join(folder, '.aftercommit', '.gitignore'))).toThrow('ENOENT');
  });

  test('says where to put it when its folder cannot be made', () => {
    writeFileSync(join(folder, '.aftercommit'), '');
    expect(() => stateFile(undefined, { cwd: '/', directory: folder })).toThrow(
      `The folder ${join(folder, '.aftercommit')} cannot be made (file already exists): name a file elsewhere with --state.`,
    );
  });
});

describe('with --state', () => {
  test('is relative to the working folder, and makes nothing', () => {
    expect(stateFile('own.db', { cwd: folder, directory: '/elsewhere' })).toBe(join(folder, 'own.db'));
    expect(() => readFileSync(join(folder, 'own.db'))).toThrow('ENOENT');
  });

  test.each([
    ['a folder', '.', '--state . is no file'],
    ['nothing', '', "--state '' is no file"],
    ['a file in a folder that is missing', 'none/own.db', '--state none/own.db: there is no folder'],
  ])('refuses %s', (_what, given, message) => {
    expect(() => stateFile(given, { cwd: folder, directory: folder })).toThrow(message);
  });

  test('says what cannot be looked at', () => {
    symlinkSync('loop', join(folder, 'loop'));
    expect(() => stateFile('loop', { cwd: folder, directory: folder })).toThrow(
      `${join(folder, 'loop')} cannot be looked at (too many symbolic links encountered): mend that, or name another file`,
    );
  });
});
