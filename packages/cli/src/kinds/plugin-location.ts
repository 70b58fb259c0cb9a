import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { moduleResolve } from 'import-meta-resolve';
import { systemReason } from '../errors/usage-error.js';
import type { PluginFailureCode } from './plugin-failure.js';

/** A plugin that was asked for, and the folder in which its name is looked up. */
export type WantedPlugin = { name: string; folder: string };

/** Where a plugin is, or why it is nowhere. */
export type PluginLocation = { url: URL } | PluginProblem;

/** What is wrong with a plugin; the sentence names it. */
export type PluginProblem = { code: PluginFailureCode; message: string };

const packageName = /^(?:@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*/;

/**
 * Finds the module: a file, or the module that an `import` of the package in this folder would be given. A package that is
 * not installed there is looked for beside the command itself, so that those that are installed globally are found together.
 */
export function locatePlugin({ name, folder }: WantedPlugin): PluginLocation {
  if (isFile(name)) return locateFile(name, resolve(folder, name.startsWith('file:') ? fileURLToPath(name) : name));
  const [found] = packageName.exec(name) ?? [];
  if (found === undefined || !['', '/'].includes(name.charAt(found.length))) {
    const message = `"${name}" is no plugin: give a file, such as ./my-kind.js, or the name of a package.`;
    return { code: 'PLUGIN_NAME_INVALID', message };
  }
  return locatePackage(name, found, folder);
}

/** As in an `import`: what begins with neither a dot nor a slash is a package. */
function isFile(name: string): boolean {
  return /^(?:\.{0,2}[/\\]|\.{1,2}$|[a-z]:[/\\]|file:\/)/i.test(name);
}

function locateFile(name: string, path: string): PluginLocation {
  const found = lookAt(path);
  if (found === 'file') return { url: pathToFileURL(path) };
  if (found === 'folder') {
    // Not join(): it takes the ./ away, and what is left would be the name of a package.
    const file = `${name.replace(/[/\\]+$/, '')}/index.js`;
    const message = `The plugin ${name} is a folder: give the file in it, such as ${file}.`;
    return { code: 'PLUGIN_NOT_FOUND', message };
  }
  const longer = ['.js', '.mjs', '.cjs'].find((ending) => lookAt(path + ending) === 'file');
  const hint = longer === undefined ? 'look at its path' : `did you mean ${name}${longer}?`;
  const reason = found === 'nothing' ? `There is no file ${path}` : `The file ${path} cannot be looked at (${found})`;
  return { code: 'PLUGIN_NOT_FOUND', message: `${reason}, which was given as a plugin: ${hint}` };
}

function locatePackage(name: string, packageOf: string, folder: string): PluginLocation {
  const here = pathToFileURL(join(folder, 'aftercommit'));
  for (const parent of [here, new URL(import.meta.url)]) {
    try {
      return { url: moduleResolve(name, parent, new Set(['node', 'import'])) };
    } catch (error) {
      if (!isResolutionError(error)) throw error;
      if (isNotInstalled(error)) continue;
      const message = `The package ${packageOf} is installed, and ${name} of it cannot be loaded: ${error.message}.`;
      return { code: 'PLUGIN_NOT_FOUND', message };
    }
  }
  const file = lookAt(join(folder, name)) === 'file' ? ` To load the file of that name, write ./${name}.` : '';
  const message = `The package ${packageOf} is not installed for ${folder}: npm install ${packageOf}.${file}`;
  return { code: 'PLUGIN_NOT_INSTALLED', message };
}

function isResolutionError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_');
}

/** Of a package that is there, and a file of it that is not, it is said which file. */
function isNotInstalled({ code, message }: Error & { code: string }): boolean {
  return code === 'ERR_MODULE_NOT_FOUND' && message.startsWith('Cannot find package');
}

/** What is at a path; the words of the system when it cannot be said. */
function lookAt(path: string): string {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return 'nothing';
    return found.isDirectory() ? 'folder' : 'file';
  } catch (error) {
    return systemReason(error).words;
  }
}
