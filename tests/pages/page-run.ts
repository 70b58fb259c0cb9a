import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { type Block, placeOf } from './block.js';
import { handlingOf } from './block-handling.js';
import { type Ended, killGroups, runProcess } from './block-process.js';
import { judgeBlock } from './judge-block.js';
import { receiverOnPages } from './page-receiver.js';
import { smallestSpec } from './smallest-spec.js';
import type { ServerVariable, Surroundings } from './surroundings.js';

/** What the shell keeps for itself. */
const ofTheShell = ['_', 'SHLVL', 'PWD', 'OLDPWD', 'BLOCK_ENVIRONMENT'];

/** Options with which a spec may name every kind of ours. */
const everyKind = ['--plugin', '@aftercommit/nats', '--plugin', '@aftercommit/postgres', '--allow-command', '/'];

/** The servers that blocks ask for by their variables. */
export const neededBy = (blocks: readonly Block[]): ServerVariable[] =>
  (['DATABASE_URL', 'NATS_URL'] as const).filter((name) =>
    blocks.some(
      (block) =>
        block.notRun === undefined && (block.language === 'sql' ? name === 'DATABASE_URL' : block.code.includes(name)),
    ),
  );

/** One page, followed block by block in a folder of its own, as a reader would follow it. */
export class PageRun {
  readonly #folder: string;
  readonly #logs: string;
  readonly #receiver: string;
  readonly #groups: number[] = [];
  /** What blocks export stays for those below, as in one terminal. */
  #env: Record<string, string>;

  /**
   * @param path The page's path: those in one folder of `examples` are followed there, among its files.
   * @param blocks All that is on it.
   */
  static async begin(path: string, blocks: readonly Block[], surroundings: Surroundings): Promise<PageRun> {
    const { project, receiver, postgres, nats } = surroundings;
    const name = path.toLowerCase().replaceAll(/\W/g, '_');
    const folder = path.startsWith('examples/') ? join(project, dirname(path)) : join(project, 'pages', name);
    const home = join(project, 'homes', name);
    for (const one of [folder, home]) mkdirSync(one, { recursive: true });
    const needed = neededBy(blocks);
    const env = {
      PATH: surroundings.path,
      HOME: home,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      // Nothing is fetched: what pages need is installed.
      npm_config_offline: 'true',
      npm_config_update_notifier: 'false',
      HOOK: `http://${receiver.host}/hook`,
      ...(needed.includes('DATABASE_URL') && postgres && { DATABASE_URL: await postgres.createDatabase(name) }),
      ...(needed.includes('NATS_URL') && nats && { NATS_URL: nats.url }),
    };
    return new PageRun(folder, home, receiver.host, env);
  }

  private constructor(folder: string, home: string, receiver: string, env: Record<string, string>) {
    this.#folder = folder;
    this.#logs = home;
    this.#receiver = receiver;
    this.#env = env;
  }

  /** Does with a block what there is to be done. Throws an Error that says what is not as the page says. */
  async follow(block: Block): Promise<void> {
    const handling = handlingOf(block);
    if ('problem' in handling) throw new Error(`${placeOf(block)}: ${handling.problem}`);
    switch (handling.is) {
      case 'file':
        return this.#write(handling.file, block.code);
      case 'shell':
        return judgeBlock(block, await this.#runShell(block));
      case 'module':
        return judgeBlock(block, await this.#runModule(block));
      case 'spec':
      case 'triggers':
        return judgeBlock(block, await this.#validate(block, handling.is));
      case 'sql':
        return await this.#query(block);
      case 'json':
      case 'installation':
      case 'drawing':
      case 'not run':
        return;
    }
  }

  /** Ends what the page has left running. */
  end(): void {
    killGroups(this.#groups);
  }

  #write(name: string, text: string): void {
    const file = join(this.#folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, this.#here(text));
  }

  async #runShell(block: Block): Promise<Ended> {
    const environment = join(this.#logs, `${block.line}.environment`);
    const script = `trap 'env -0 > "$BLOCK_ENVIRONMENT"' EXIT; ${this.#here(block.code)}`;
    const ended = await this.#run(['bash', '-euo', 'pipefail', '-c', script], block, {
      BLOCK_ENVIRONMENT: environment,
    });
    // A block may have a trap of its own.
    if (existsSync(environment)) {
      const variables = readFileSync(environment, 'utf8').split('\0').filter(Boolean);
      const pairs = variables.map(
        (text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const,
      );
      this.#env = Object.fromEntries(pairs.filter(([name]) => !ofTheShell.includes(name)));
    }
    return ended;
  }

  #runModule(block: Block): Promise<Ended> {
    const name = `block-${block.line}.${block.language}`;
    this.#write(name, block.code);
    return this.#run([block.language === 'ts' ? 'tsx' : 'node', name], block);
  }

  /** Triggers alone are validated in the smallest spec there is, with every kind of ours. */
  #validate(block: Block, is: 'spec' | 'triggers'): Promise<Ended> {
    const name = `block-${block.line}.yaml`;
    this.#write(name, is === 'spec' ? block.code : smallestSpec(block.code));
    return this.#run(['aftercommit', 'validate', name, ...(is === 'spec' ? [] : everyKind)], block);
  }

  async #query(block: Block): Promise<void> {
    const client = new Client({ connectionString: this.#env['DATABASE_URL'] });
    await client.connect();
    try {
      await client.query(block.code);
    } finally {
      await client.end();
    }
  }

  async #run(
    command: readonly [string, ...string[]],
    { line }: Block,
    more: Record<string, string> = {},
  ): Promise<Ended> {
    const { exitCode, output } = await runProcess(command, {
      cwd: this.#folder,
      env: { ...this.#env, ...more },
      log: join(this.#logs, `${line}.log`),
      started: (group) => this.#groups.push(group),
    });
    return { exitCode, output: output.replaceAll(this.#receiver, receiverOnPages) };
  }

  #here(code: string): string {
    return code.replaceAll(receiverOnPages, this.#receiver);
  }
}
