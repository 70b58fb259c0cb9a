import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Daily weather, one document per line, from the first of January on. */
export function weatherLines(days: number, from = 0): string {
  return Array.from({ length: days }, (_none, index) => {
    const date = new Date(Date.UTC(2024, 0, 1 + from + index)).toISOString().slice(0, 10);
    return `${JSON.stringify({ date, rain: index % 7 })}\n`;
  }).join('');
}

/** A spec of one materialization of daily weather, with its data beside it. */
export function writeWeather(
  folder: string,
  { triggers = [], more = '', days = 10, source = 'weather.ndjson', maxDocs = 4 }: WeatherOptions = {},
): void {
  writeFileSync(join(folder, 'weather.ndjson'), weatherLines(days));
  const config = JSON.stringify({ config: triggers.map((trigger) => ({ payloadTemplate, ...trigger })) });
  writeFileSync(
    join(folder, 'weather.yaml'),
    `collections:
  acmeCo/weather:
    key: [/date]
    source: { ndjson: ${JSON.stringify(source)} }
materializations:
  acmeCo/views/weather:
    endpoint: { sqlite: { path: weather.db } }
    bindings: [{ source: acmeCo/weather, resource: { table: weather } }]
    transactions: { maxDocs: ${maxDocs} }
    triggers: ${config}
${more}`,
  );
}

type WeatherOptions = {
  triggers?: Array<Record<string, unknown>>;
  /** Materializations that follow. */
  more?: string;
  days?: number;
  source?: string;
  maxDocs?: number;
};

const payloadTemplate = '{"docs":{{docs_total}}}';
