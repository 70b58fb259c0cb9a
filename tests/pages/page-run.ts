import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transform } from 'esbuild';
import { globSync } from 'tinyglobby';
import { type Block, placeOf } from './block.js';
import { handlingOf } from './block-handling.js';
import { type Ended, killGroups, runProcess } from './block-process.js';
import { exporting, readExported } from './exported-variables.js';
import { judgeBlock } from './judge-block.js';
import { PageAddresses } from './page-addresses.js';
import { smallestSpec } from './smallest-spec.js';
import type { ServerVariable, Surroundings } from './surroundings.js';

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
  readonly #addresses: PageAddresses;
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
    const addresses = await PageAddresses.of(blocks, receiver.host);
    const env = {
      PATH: surroundings.path,
      HOME: home,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      // Nothing is fetched: what pages need is installed.
      npm_config_offline: 'true',
      npm_config_update_notifier: 'false',
      HOOK: `http://${addresses.receiver}/hook`,
      ...(needed.includes('DATABASE_URL') && postgres && { DATABASE_URL: await postgres.createDatabase(name) }),
      ...(needed.includes('NATS_URL') && nats && { NATS_URL: nats.url }),
    };
    const run = new PageRun(folder, home, addresses, env);
    // The files of an example have addresses, too.
    for (const file of globSync('*.{yaml,json}', { cwd: folder })) {
      run.#write(file, readFileSync(join(folder, file), 'utf8'));
    }
    return run;
  }

  private constructor(folder: string, home: string, addresses: PageAddresses, env: Record<string, string>) {
    this.#folder = folder;
    this.#logs = home;
    this.#addresses = addresses;
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
        return judgeBlock(block, await this.#query(block));
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
    writeFileSync(file, this.#addresses.here(text));
  }

  async #runShell({ code }: Block): Promise<Ended> {
    const exported = join(this.#logs, `${this.#groups.length}.exported`);
    const script = exporting(this.#addresses.here(code));
    const ended = await this.#run(['bash', '-euo', 'pipefail', '-c', script], { EXPORTED_VARIABLES: exported });
    this.#env = readExported(exported) ?? this.#env;
    return ended;
  }

  /** TypeScript without its types: a program that does that itself takes longer to start than most blocks take. */
  async #runModule(block: Block): Promise<Ended> {
    const name = `block-${block.line}`;
    const { code } = await transform(block.code, {
      loader: 'ts',
      sourcefile: `${name}.ts`,
      sourcemap: 'inline',
      target: 'node20',
    });
    this.#write(`${name}.mjs`, code);
    return this.#run(['node', '--enable-source-maps', `${name}.mjs`]);
  }

  /** Triggers alone are validated in the smallest spec there is, with every kind of ours. */
  #validate(block: Block, is: 'spec' | 'triggers'): Promise<Ended> {
    const name = `block-${block.line}.yaml`;
    this.#write(name, is === 'spec' ? block.code : smallestSpec(block.code));
    return this.#run(['aftercommit', 'validate', name, ...(is === 'spec' ? [] : everyKind)]);
  }

  #query({ code }: Block): Promise<Ended> {
    const url = this.#env['DATABASE_URL'] ?? '';
    return this.#run(['psql', '--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', url, `--command=${code}`]);
  }

  async #run(command: readonly [string, ...string[]], more: Record<string, string> = {}): Promise<Ended> {
    const { exitCode, output } = await runProcess(command, {
      cwd: this.#folder,
      env: { ...this.#env, ...more },
      log: join(this.#logs, `${this.#groups.length}.log`),
      started: (group) => this.#groups.push(group),
    });
    return { exitCode, output: this.#addresses.onPage(output) };
  }
}
