import type { Attempt } from '@aftercommit/registry';

/** What a program gets of the environment that aftercommit has: the rest may hold secrets of others. */
const inheritedNames = ['PATH', 'HOME', 'LANG', 'TZ'];

/** Variables by which loaders, shells and interpreters run code of others, or which decide what a name stands for. */
const steeringNames = [
  'PATH',
  'HOME',
  'IFS',
  'ENV',
  'CDPATH',
  'GLOBIGNORE',
  'PS4',
  'PROMPT_COMMAND',
  'GCONV_PATH',
  'LOCPATH',
  'NLSPATH',
  'HOSTALIASES',
  'LOCALDOMAIN',
  'RES_OPTIONS',
  'CLASSPATH',
  'EDITOR',
  'VISUAL',
  'PAGER',
  'BROWSER',
  'OPENSSL_CONF',
  'OPENSSL_MODULES',
  'OPENSSL_ENGINES',
];
const steeringPattern =
  /^(?:LD_|DYLD_|BASH|SHELLOPTS$|ZDOTDIR$|NODE_(?:OPTIONS|PATH)$|NPM_CONFIG_|PYTHON|PERL|RUBY|GEM_|BUNDLE_|PHP|LUA_|JAVA_|_JAVA_|JDK_JAVA_|GIT_|CURL_HOME$)/i;

/** What is wrong with the name of a configured variable, as a sentence; undefined: nothing. */
export function variableNameProblem(name: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    // Only its beginning: `TOKEN=s` that became a name as a whole has the secret in it.
    const [beginning = ''] = /^\w*/.exec(name) ?? [];
    return `A variable that begins with "${beginning}" has no legal name. Use letters, digits and underscores, and put its value behind a colon.`;
  }
  if (/^(?:AFTERCOMMIT_|TRACEPARENT$)/i.test(name)) {
    return `${name} is set by us, as are TRACEPARENT and all variables that begin with AFTERCOMMIT_. Remove it.`;
  }
  if (steeringNames.includes(name.toUpperCase()) || steeringPattern.test(name)) {
    return `${name} decides what a program runs, which is the operator's to say. Remove it; a program that needs it sets it itself.`;
  }
  return undefined;
}

/** The environment of one attempt's program. */
export function childEnvironment(
  configured: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string | undefined>>,
  { idempotencyKey, number, epoch, variables, traceparent, isTest }: Attempt,
): Record<string, string> {
  const inherited = inheritedNames.flatMap((name) => {
    const value = own[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(inherited),
    ...configured,
    AFTERCOMMIT_IDEMPOTENCY_KEY: idempotencyKey,
    AFTERCOMMIT_ATTEMPT: String(number),
    AFTERCOMMIT_EPOCH: String(epoch),
    AFTERCOMMIT_MATERIALIZATION: variables.materialization_name,
    AFTERCOMMIT_RUN_ID: variables.run_id,
    ...(isTest === true && { AFTERCOMMIT_TEST: 'true' }),
    ...(traceparent !== undefined && { TRACEPARENT: traceparent }),
  };
}
