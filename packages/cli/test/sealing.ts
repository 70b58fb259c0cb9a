import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runCommandLine } from '../src/run-command-line.js';
import { testIo } from './command-line-bench.js';

/** A key for tests, known to everybody. */
export const identity = 'AGE-SECRET-KEY-174C5533LCLHK0GQWHPRH832VYJV4NU2GF9FQWXYGCKRFNY59RWFS0KF2K4';
export const recipient = 'age1rhg2tfhvzc6juhdslu5jsymwacy27r5k3068z55qce89mazjqymqj9pmrv';

export const weather = `# the weather
collections:
  acmeCo/weather: { key: [/date], source: { ndjson: weather.ndjson } }
materializations:
  acmeCo/views/weather:
    endpoint: { sqlite: { path: weather.db } }
    bindings: [{ source: acmeCo/weather, resource: { table: weather } }]
    triggers:
      # who is told
      config:
        # the team
        slack:
          url: https://hooks.example.com/slack # where
          headers:
            Authorization: Bearer hunter2-slack # from the vault
          payloadTemplate: |
            {"text": "{{docs_total}} new days"}
        dbt: { url: "https://dbt.example.com/run", headers: { X-Token: hunter2-dbt }, payloadTemplate: '{}' }
      # until here
# the end
`;

/** A folder with a spec in it, and the command line on it. */
export function sealingBench(spec: string = weather, name = 'weather.yaml') {
  const folder = mkdtempSync(join(tmpdir(), 'aftercommit-seal-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'weather.ndjson'), '{"date":"2024-01-01"}\n{"date":"2024-01-02"}\n');
  writeFileSync(join(folder, name), spec);
  const run = async (
    args: string[],
    { key = identity as string | null, input = '', env = {} as Record<string, string> } = {},
  ) => {
    const io = testIo(folder, {
      env: { HOME: folder, ...(key === null ? {} : { SOPS_AGE_KEY: key }), ...env },
    });
    io.stdin.push(input);
    io.stdin.push(null);
    const exitCode = await runCommandLine(args, io);
    return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
  };
  const read = (file = name): string => readFileSync(join(folder, file), 'utf8');
  return {
    folder,
    run,
    read,
    write: (text: string, file = name): void => writeFileSync(join(folder, file), text),
    seal: async () => {
      const { exitCode, stderr } = await run(['seal', name, '--age', recipient], { key: null });
      if (exitCode !== 0) throw new Error(stderr);
    },
  };
}
