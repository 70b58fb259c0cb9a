/**
 * Builds the API reference of every published package, and of each entry that can be imported of one, into the folder
 * `api-reference`. A warning is an error: nothing that is exported is without a comment, and no link leads nowhere.
 *
 * TypeDoc asks the compiler of TypeScript that is written in JavaScript. So this folder has one of its own.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Comment } from 'typedoc';
import { takeCommentsFromSources } from './comments-from-sources.mjs';
import { packagePage } from './package-page.mjs';
import { publishedEntries, repository, root } from './published-entries.mjs';

const entries = publishedEntries();
const target = join(root, 'api-reference');

const application = await Application.bootstrap({
  name: 'aftercommit',
  entryPoints: entries.map(({ source }) => source),
  tsconfig: fileURLToPath(new URL('tsconfig.json', import.meta.url)),
  basePath: root,
  readme: 'none',
  disableGit: true,
  sourceLinkTemplate: `${repository}/blob/main/{path}#L{line}`,
  // Types are the business of the step `types`.
  skipErrorChecking: true,
  sort: ['kind', 'source-order'],
  excludePrivate: true,
  // What is inherited from the classes of Node and TypeScript.
  excludeExternals: true,
  excludeInternal: true,
  requiredToBeDocumented: [
    'Module',
    'Enum',
    'EnumMember',
    'Variable',
    'Function',
    'Class',
    'Constructor',
    'Interface',
    'Property',
    'Method',
    'Accessor',
    'TypeAlias',
  ],
  validation: {
    notExported: true,
    invalidLink: true,
    invalidPath: true,
    rewrittenLink: true,
    notDocumented: true,
    unusedMergeModuleWith: true,
  },
  highlightLanguages: ['ts', 'js', 'sh', 'bash', 'json', 'yaml', 'sql', 'diff'],
});
takeCommentsFromSources(application.converter);

const project = application.converter.convert(
  application.getEntryPoints().map((point) => {
    const { name } = entries.find(({ source }) => source === point.sourceFile.fileName);
    return { ...point, displayName: name };
  }),
);
for (const { name, description, folder } of entries.filter(({ isMain }) => isMain)) {
  const reflection = project.getChildByName([name]);
  reflection.readme = [{ kind: 'text', text: packagePage(folder) }];
  reflection.comment = new Comment([{ kind: 'text', text: `${description}.` }]);
}
// TypeDoc looks at the package of the project alone, and this project is of many.
for (const packageName of new Set(entries.map((entry) => entry.packageName))) {
  project.packageName = packageName;
  application.validate(project);
}
project.packageName = undefined;
if (!failed()) await application.generateDocs(project, target);
if (failed()) process.exitCode = 1;
else console.log(`The reference of ${entries.length} entries is in ${join(target, 'index.html')}.`);

function failed() {
  return (
    application.logger.hasErrors() || application.logger.hasWarnings() || application.logger.validationWarningCount > 0
  );
}
