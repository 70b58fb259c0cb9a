import { headers, specText } from './sentinel-task.js';

const bearer = JSON.stringify(headers.Authorization);
const plain = headers['X-Api-Key'];
const url = 'https://example.com/hook';

/** A trigger in the flow style of YAML, its fields as they are written. */
function trigger(fields: string): string {
  return specText(`{ dbt: { payloadTemplate: '{}', ${fields} } }`);
}

/** Specs with a mistake in, or beside, a secret. */
export const brokenSpecs: Record<string, string> = {
  'a secret in the place of the headers': trigger(`url: ${url}, headers: ${bearer}`),
  'a secret in the place of a number': trigger(`url: ${url}, maxAttempts: ${bearer}`),
  'a secret in the place of the method': trigger(`url: ${url}, method: ${bearer}`),
  'a secret in a field that there is not': trigger(`url: ${url}, token: ${bearer}`),
  'a secret in the place of a trigger': specText(`{ dbt: ${bearer} }`),
  'a secret in the place of all triggers': specText(bearer),
  'headers as a list': trigger(`url: ${url}, headers: [Authorization: ${bearer}]`),
  'headers in headers': trigger(`url: ${url}, headers: { Authorization: { Bearer: ${bearer} } }`),
  'a header with a line end': trigger(`url: ${url}, headers: { Authorization: "${plain}\\n${plain}" }`),
  'a header without a space behind the colon': trigger(`url: ${url}, headers: {Authorization:Bearer ${plain}}`),
  'a header without a colon': trigger(`url: ${url}, headers: {Authorization Bearer ${plain}}`),
  'a header that is an illegal name': trigger(`url: ${url}, headers: { "Authorization: Bearer ${plain}": x }`),
  'a field that is a secret too': trigger(`url: ${url}, "token: ${plain}": x, token=${plain}: x`),
  'a url with a password': trigger(`url: "https://jane:${plain}@example.com/"`),
  'a url without a scheme': trigger(`url: "example.com/${plain}"`),
  'a url with a port and no scheme': trigger(`url: "example.com:443/${plain}"`),
  'a url with another scheme': trigger(`url: "ftp://example.com/${plain}"`),
  'a url that is a template': trigger(`url: "https://example.com/{{run_id}}/${plain}"`),
  'a url that does not parse': trigger(`url: "https://[${plain}"`),
  'a secret in a payload without quotes': specText(
    `{ dbt: { url: "${url}", headers: { X-Key: ${plain} }, payloadTemplate: '{"key":{{headers.X-Key}}}' } }`,
  ),
  'a header that there is not': specText(
    `{ dbt: { url: "${url}/${plain}", headers: { X-Key: ${plain} }, payloadTemplate: '{"key":"{{headers.Key}}"}' } }`,
  ),
  'a quote that is not closed': trigger(`url: ${url}, headers: { Authorization: "Bearer ${plain} }`),
  'a brace that is not closed': trigger(`url: ${url}, headers: { Authorization: Bearer ${plain}`),
  'two colons': specText(`\n        dbt:\n          headers:\n            Authorization: Bearer: ${plain}`),
  'a tab': specText(`\n        dbt:\n          headers:\n\t    Authorization: Bearer ${plain}`),
  'an indentation that is too deep': specText(
    `\n        dbt:\n          url: ${url}\n            Authorization: ${plain}`,
  ),
  'an indentation that is not deep enough': specText(
    `\n        dbt:\n          headers:\n            A: b\n           Authorization: ${plain}`,
  ),
  'an escape that is none': trigger(`url: ${url}, headers: { Authorization: "\\q${plain}" }`),
  'an alias of nothing': trigger(`url: ${url}, headers: { Authorization: *${plain} }`),
  'a tag': trigger(`url: ${url}, headers: { Authorization: !${plain} x }`),
  'a directive': `%${plain}\n${trigger(`url: ${url}`)}`,
  'a text that begins with a sign': trigger(`url: ${url}, headers: { Authorization: @${plain} }`),
  'a key that is given twice': trigger(`url: ${url}, headers: { A: ${bearer}, A: ${bearer} }`),
  'a secret beside the fields': `${specText('{}')}      ${plain}\n`,
  'a secret in the place of a materialization': `materializations: { acmeCo/views/readings: ${bearer} }\n`,
  'a secret alone': `${bearer}\n`,
  'JSON with a comma too many': `{"materializations": {"a/b": {"triggers": {"config": [{"headers": {"A": ${bearer},,}}]}}}}`,
  'bytes that are no text': `${trigger(`url: ${url}, headers: { A: ${bearer} }`)}# \udc80\n`,
};
