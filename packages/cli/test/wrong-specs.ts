/** A spec as somebody writes it who has not read the documentation, and all that is said of it. */
export type WrongSpec = {
  text: string;
  /** In order, each as `line:column CODE trigger: message`. */
  issues: readonly string[];
};

/** A spec whose first six lines are right. */
function withBindings(rest: string): string {
  return `collections:
  a/b: { key: [/id], source: { ndjson: d.ndjson } }
materializations:
  a/m:
    endpoint: { sqlite: { path: out.db } }
    bindings: [{ source: a/b, resource: { table: t } }]
${rest}`;
}

/** By what is wrong. Read the answers as whoever gets them: each says where it is, what is wrong and what to do. */
export const wrongSpecs: Readonly<Record<string, WrongSpec>> = {
  'fields of a trigger where its name belongs': {
    text: withBindings(`    triggers:
      config:
        url: https://example.com/s3cret
        payloadTemplate: '{}'
        headers: { Authorization: Bearer s3cret }
        timeout: 30s
`),
    issues: [
      '9:9 CONFIG_UNKNOWN_FIELD url, payloadTemplate, headers and timeout are fields of a trigger. Put them below a name: config: { my-trigger: { url: …, … } }.',
    ],
  },
  'fields of a trigger where config belongs': {
    text: withBindings(`    triggers:
      url: https://example.com/s3cret
      payloadTemplate: '{}'
`),
    issues: [
      '8:7 CONFIG_UNKNOWN_FIELD url and payloadTemplate are fields of a trigger. Put them below config and a name: config: { my-trigger: { url: …, … } }.',
    ],
  },
  'a list of triggers without config': {
    text: withBindings(`    triggers:
      - url: https://example.com/s3cret
        payloadTemplate: '{}'
`),
    issues: ['7:5 CONFIG_INVALID The list of triggers belongs below config: write triggers: { config: [ … ] }.'],
  },
  'a map of triggers without config': {
    text: withBindings(`    triggers:
      slack:
        url: https://example.com/s3cret
        payloadTemplate: '{}'
`),
    issues: [
      '7:5 CONFIG_INVALID config is missing: write a list of triggers, or a map from name to trigger. Put what is here inside of it.',
    ],
  },
  'a table beside the resource that is missing': {
    text: `collections:
  a/b: { key: [/id], source: { ndjson: d.ndjson } }
materializations:
  a/m:
    endpoint: { sqlite: { path: out.db } }
    bindings:
      - source: a/b
        table: t
`,
    issues: ['8:9 CONFIG_UNKNOWN_FIELD table is a field of resource: write resource: { table: … }.'],
  },
  'a table beside an empty resource': {
    text: `collections:
  a/b: { key: [/id], source: { ndjson: d.ndjson } }
materializations:
  a/m:
    endpoint: { sqlite: { path: out.db } }
    bindings:
      - source: a/b
        resource: { }
        table: t
`,
    issues: ['9:9 CONFIG_UNKNOWN_FIELD table is a field of resource: write resource: { table: … }.'],
  },
  'the word collection for source': {
    text: `collections:
  a/b: { key: [/id], source: { ndjson: d.ndjson } }
materializations:
  a/m:
    endpoint: { sqlite: { path: out.db } }
    bindings:
      - collection: a/b
        resource: { table: t }
`,
    issues: ['7:9 CONFIG_UNKNOWN_FIELD There is no field "collection" (did you mean "source"?).'],
  },
  'misspelt fields of a trigger': {
    text: withBindings(`    triggers:
      config:
        slack:
          ulr: https://example.com/hook
          paylodTemplate: '{}'
          timeoutSecs: 30
          maxAttempt: 3
          retries: 3
          header: { a: b }
`),
    issues: [
      '10:11 CONFIG_UNKNOWN_FIELD slack: There is no field "ulr" (did you mean "url"?).',
      '11:11 CONFIG_UNKNOWN_FIELD slack: There is no field "paylodTemplate" (did you mean "payloadTemplate"?).',
      '12:11 CONFIG_UNKNOWN_FIELD slack: There is no field "timeoutSecs" (did you mean "timeout"?).',
      '13:11 CONFIG_UNKNOWN_FIELD slack: There is no field "maxAttempt" (did you mean "maxAttempts"?).',
      '14:11 CONFIG_UNKNOWN_FIELD slack: There is no field "retries" (did you mean "maxAttempts"?).',
      '15:11 CONFIG_UNKNOWN_FIELD slack: There is no field "header" (did you mean "headers"?).',
    ],
  },
  'other words for the fields of a trigger': {
    text: withBindings(`    triggers:
      config:
        slack:
          endpoint: https://example.com/hook
          template: '{}'
          payload_template: '{}'
          body: '{}'
`),
    issues: [
      '10:11 CONFIG_UNKNOWN_FIELD slack: There is no field "endpoint" (did you mean "url"?).',
      '11:11 CONFIG_UNKNOWN_FIELD slack: There is no field "template" (did you mean "payloadTemplate"?).',
      '12:11 CONFIG_UNKNOWN_FIELD slack: There is no field "payload_template" (did you mean "payloadTemplate"?).',
      '13:11 CONFIG_UNKNOWN_FIELD slack: There is no field "body" (did you mean "payloadTemplate"?).',
    ],
  },
  'a misspelt section, and a mistake in it': {
    text: `collections:
  a/b: { key: [/id], source: { ndjson: d.ndjson } }
materialisations:
  a/m:
    endpoint: { sqlite: { pth: out.db } }
`,
    issues: [
      '3:1 CONFIG_UNKNOWN_FIELD There is no field "materialisations" (did you mean "materializations"?).',
      '4:3 CONFIG_INVALID bindings is missing: write which collections go where, each as { source, resource }.',
      '5:27 CONFIG_UNKNOWN_FIELD There is no field "pth" (did you mean "path"?).',
    ],
  },
  'misspelt fields that are required': {
    text: `collections:
  a/b: { kee: [/id], sorce: { ndjson: d.ndjson } }
materializations:
  a/m:
    endpoint: { sqlite: { pth: out.db } }
    bindings: [{ sorce: a/b, resource: { tabel: t } }]
  a/n:
    endpont: { sqlite: { path: out.db } }
    bindngs: [{ source: a/b, resource: { table: t } }]
`,
    issues: [
      '2:10 CONFIG_UNKNOWN_FIELD There is no field "kee" (did you mean "key"?).',
      '2:22 CONFIG_UNKNOWN_FIELD There is no field "sorce" (did you mean "source"?).',
      '5:27 CONFIG_UNKNOWN_FIELD There is no field "pth" (did you mean "path"?).',
      '6:18 CONFIG_UNKNOWN_FIELD There is no field "sorce" (did you mean "source"?).',
      '6:42 CONFIG_UNKNOWN_FIELD There is no field "tabel" (did you mean "table"?).',
      '8:5 CONFIG_UNKNOWN_FIELD There is no field "endpont" (did you mean "endpoint"?).',
      '9:5 CONFIG_UNKNOWN_FIELD There is no field "bindngs" (did you mean "bindings"?).',
    ],
  },
  'a misspelt kind, and other mistakes of its trigger': {
    text: withBindings(`    triggers:
      config:
        one:
          kind: webhok
          url: ftp://x
          timeout: 30
          maxAttempts: -1
          interval: abc
          onFailure: parked
          payloadTemplate: '{{nope}}'
          paylod: x
`),
    issues: [
      '10:17 CONFIG_UNKNOWN_KIND one: There is no trigger kind "webhok" (did you mean "webhook"?). Registered: airflow, command, dbt-cloud, github-dispatch, slack, webhook.',
      '12:20 CONFIG_DURATION_INVALID one: timeout is a number without a unit: write 30s or 30ms.',
      '13:24 CONFIG_INVALID one: maxAttempts must be at least 0.',
      '14:21 CONFIG_DURATION_INVALID one: interval: "abc" is not a duration: "abc" does not start with a number. Write a number with a unit, as in 500ms, 30s, 1h 30m or 2days.',
      '15:22 CONFIG_INVALID one: onFailure must be one of block, park.',
    ],
  },
  'two materializations on one table': {
    text: withBindings(`  a/n:
    endpoint: { sqlite: { path: ./out.db } }
    bindings: [{ source: a/b, resource: { table: T } }]
`),
    issues: [
      '9:41 CONFIG_RESOURCE_DUPLICATE T of this endpoint is written by materialization "a/m" already, in line 6. Give each a resource of its own, or disable one.',
    ],
  },
  'a section that is given twice': {
    text: withBindings(`collections:
  a/c: { key: [/id], source: { ndjson: d.ndjson } }
`),
    issues: [
      '7:1 CONFIG_FIELD_DUPLICATE "collections" is given twice here, first in line 1. Remove one, or give it its own name.',
    ],
  },
  'what is no URL': {
    text: withBindings(`    triggers:
      config:
        a: { url: example.com/hook, payloadTemplate: '{}' }
        b: { url: '\${URL}', payloadTemplate: '{}' }
        c: { url: $URL, payloadTemplate: '{}' }
        d: { url: 'https://\${HOST}/s3cret', payloadTemplate: '{}' }
        e: { url: 'https://example.com/\${TOKEN}', payloadTemplate: '{}' }
        f: { url: '//example.com/hook', payloadTemplate: '{}' }
        g: { url: /hook, payloadTemplate: '{}' }
        h: { url: 'http:/example.com', payloadTemplate: '{}' }
        i: { url: 'htps://example.com', payloadTemplate: '{}' }
        j: { url: '', payloadTemplate: '{}' }
        k: { url: 'https://', payloadTemplate: '{}' }
        l: { secretUrl: 'example.com/hook', payloadTemplate: '{}' }
        m: { secretUrl: '\${URL}', payloadTemplate: '{}' }
        n: { url: localhost, payloadTemplate: '{}' }
        o: { url: 'https://me:s3cret@example.com', payloadTemplate: '{}' }
        p: { url: '<https://example.com>', payloadTemplate: '{}' }
        q: { url: ' https://exa mple.com ', payloadTemplate: '{}' }
        r: { url: 'https://example.com:99999/', payloadTemplate: '{}' }
        s: { url: 'http://10.0.0.1/', payloadTemplate: '{}' }
        t: { url: 5, payloadTemplate: '{}' }
        u: { url: , payloadTemplate: '{}' }
        v: { url: ['https://example.com'], payloadTemplate: '{}' }
`),
    issues: [
      '9:19 CONFIG_KIND_REFUSED a: url has no scheme. Write https:// in front of it, as in https://example.com.',
      '10:19 CONFIG_KIND_REFUSED b: url has a variable in it, and variables are not filled in. Write the URL itself.',
      '11:19 CONFIG_KIND_REFUSED c: url has a variable in it, and variables are not filled in. Write the URL itself.',
      '12:19 CONFIG_KIND_REFUSED d: url has a variable in it, and variables are not filled in. Write the URL itself.',
      '13:19 CONFIG_KIND_REFUSED e: url has a variable in it, and variables are not filled in. Write the URL itself.',
      '14:19 CONFIG_KIND_REFUSED f: url has no scheme. Write https:// in front of it, as in https://example.com.',
      '15:19 CONFIG_KIND_REFUSED g: url does not parse. Write an absolute URL, such as https://example.com/hook.',
      '17:19 CONFIG_KIND_REFUSED i: url must be http or https, not htps.',
      '18:19 CONFIG_KIND_REFUSED j: url is empty. Write an absolute URL, such as https://example.com/hook.',
      '19:19 CONFIG_KIND_REFUSED k: url does not parse. Write an absolute URL, such as https://example.com/hook.',
      '20:25 CONFIG_KIND_REFUSED l: secretUrl has no scheme. Write https:// in front of it.',
      '21:25 CONFIG_KIND_REFUSED m: secretUrl has a variable in it, and variables are not filled in. Write the URL itself, and seal it.',
      '22:19 CONFIG_KIND_REFUSED n: url has no scheme. Write https:// in front of it, as in https://localhost.',
      '23:19 CONFIG_KIND_REFUSED o: url contains a user or password. Put them into an Authorization header, whose value is secret.',
      '24:19 CONFIG_KIND_REFUSED p: url does not parse. Write an absolute URL, such as https://example.com/hook.',
      '25:19 CONFIG_KIND_REFUSED q: url does not parse. Write an absolute URL, such as https://example.com/hook.',
      '26:19 CONFIG_KIND_REFUSED r: url does not parse. Write an absolute URL, such as https://example.com/hook.',
      '28:19 CONFIG_INVALID t: url must be a string. Put it in quotes.',
      '29:19 CONFIG_INVALID u: url has no value: it must be a string. Write one, in quotes if it is the word null.',
      '30:19 CONFIG_INVALID v: url must be a string. What begins with "[" or "- " is a list in YAML: put a text in single quotes.',
    ],
  },
  'wrong methods, headers, durations and numbers': {
    text: withBindings(`    triggers:
      config:
        a: { url: https://example.com/s3cret, method: post, payloadTemplate: '{}' }
        b: { url: https://example.com/s3cret, method: GET, payloadTemplate: '{}' }
        c: { url: https://example.com/s3cret, headers: { X-Number: 5, "X-Flag": true, "X-None": }, payloadTemplate: '{}' }
        d: { url: https://example.com/s3cret, headers: ["Authorization: Bearer s3cret"], payloadTemplate: '{}' }
        e: { url: https://example.com/s3cret, headers: { "Authorization: Bearer s3cret": x }, payloadTemplate: '{}' }
        f: { url: https://example.com/s3cret, headers: "Authorization: Bearer s3cret", payloadTemplate: '{}' }
        g: { url: https://example.com/s3cret, onFailure: parked, maxAttempts: "3", payloadTemplate: '{}' }
        h: { url: https://example.com/s3cret, onFailure: Park, maxAttempts: three, payloadTemplate: '{}' }
        i: { url: https://example.com/s3cret, onFailure: ignore, timeout: 30 sec, interval: 10 min, payloadTemplate: '{}' }
        j: { url: https://example.com/s3cret, timeout: "30", interval: -5m, payloadTemplate: {text: hello} }
        k: { url: https://example.com/s3cret, timeout: PT30S, interval: 5 minutes, payloadTemplate: }
        l: https://example.com/s3cret
        m:
`),
    issues: [
      '9:55 CONFIG_INVALID a: method must be one of POST, PUT, PATCH: write POST.',
      '10:55 CONFIG_INVALID b: method must be one of POST, PUT, PATCH.',
      '11:68 CONFIG_INVALID c: headers.X-Number must be a string. Put it in quotes.',
      '11:81 CONFIG_INVALID c: headers.X-Flag must be a string. Put it in quotes.',
      '11:97 CONFIG_INVALID c: headers.X-None has no value: it must be a string. Write one, in quotes if it is the word null.',
      '12:56 CONFIG_INVALID d: headers must be an object.',
      '13:56 CONFIG_KIND_REFUSED e: A header that begins with "Authorization" has no legal name. Use letters, digits and hyphens, and put its value behind a colon.',
      '14:56 CONFIG_INVALID f: headers must be an object.',
      '15:58 CONFIG_INVALID g: onFailure must be one of block, park.',
      '15:79 CONFIG_INVALID g: maxAttempts must be a whole number.',
      '16:58 CONFIG_INVALID h: onFailure must be one of block, park: write park.',
      '16:77 CONFIG_INVALID h: maxAttempts must be a whole number.',
      '17:58 CONFIG_INVALID i: onFailure must be one of block, park.',
      '18:56 CONFIG_DURATION_INVALID j: timeout: "30" is not a duration: "30" has no unit. Write a number with a unit, as in 500ms, 30s, 1h 30m or 2days.',
      '18:72 CONFIG_DURATION_INVALID j: interval: "-5m" is not a duration: it is negative. Write a number with a unit, as in 500ms, 30s, 1h 30m or 2days.',
      '18:94 CONFIG_INVALID j: payloadTemplate must be a string. What begins with "{", or has fields, is a mapping in YAML: put a text in single quotes.',
      '19:56 CONFIG_DURATION_INVALID k: timeout: "PT30S" is not a duration: "PT30S" does not start with a number. Write a number with a unit, as in 500ms, 30s, 1h 30m or 2days.',
      '19:101 CONFIG_INVALID k: payloadTemplate has no value: it must be a string. Write one, in quotes if it is the word null.',
      '20:12 CONFIG_INVALID l: A trigger must be an object: its fields, such as kind and payloadTemplate.',
      '21:11 CONFIG_INVALID m: A trigger must be an object: its fields, such as kind and payloadTemplate.',
    ],
  },
  'wrong templates': {
    text: withBindings(`    triggers:
      config:
        a: { url: https://example.com/s3cret, payloadTemplate: '{"n": {{docs_totl}}, "m": {{docsTotal}}}' }
        b: { url: https://example.com/s3cret, payloadTemplate: '{"n": {{jsn docs_total}}, "m": {{uppercase run_id}}}' }
        c: { url: https://example.com/s3cret, payloadTemplate: '{"n": {{#eech collection_names}}{{/eech}}1}' }
        d:
          url: https://example.com/s3cret
          payloadTemplate: |
            {
              "text": "{{docs_totl}}"
              "x": {{json collection_name}}
            }
        e: { url: https://example.com/s3cret, payloadTemplate: '{"n": {{run_id}}}' }
        f: { url: https://example.com/s3cret, payloadTemplate: '{"n": "{{run_id}"}' }
        g: { url: https://example.com/s3cret, payloadTemplate: '{"n": "{{#if run_id}}"}' }
        h: { url: https://example.com/s3cret, payloadTemplate: 'hello {{run_id}}' }
        i: { url: https://example.com/s3cret, payloadTemplate: '{"n": "{{headers.Authorisation}}"}', headers: { Authorization: x } }
        j: { url: https://example.com/s3cret, payloadTemplate: '{"n": "{{ $run_id }}", "m": "\${run_id}"}' }
        k: { url: https://example.com/s3cret, payloadTemplate: '{"n": "{{materialization.name}}"}' }
        l: { url: https://example.com/s3cret, payloadTemplate: '{"n": "{{#if docs_total > 5}}x{{/if}}"}' }
        m: { url: https://example.com/s3cret, payloadTemplate: ./payload.hbs }
        n: { url: https://example.com/s3cret, payloadTemplate: '{"n": {{#each collection_names}}{{jsn this}}{{/each}} }' }
        o: { url: https://example.com/s3cret, payloadTemplate: '{"n": "{{toJson docs_total}} {{@indx}} {{#each collection_names}}{{@indx}}{{/each}}" }' }
`),
    issues: [
      '9:73 CONFIG_TEMPLATE_INVALID a: payloadTemplate, line 1, column 9: There is no variable "docs_totl" here (did you mean "docs_total"?).',
      '9:93 CONFIG_TEMPLATE_INVALID a: payloadTemplate, line 1, column 29: There is no variable "docsTotal" here (did you mean "docs_total"?).',
      '10:71 CONFIG_TEMPLATE_INVALID b: payloadTemplate, line 1, column 7: There is no helper "jsn" (did you mean "json"?).',
      '10:96 CONFIG_TEMPLATE_INVALID b: payloadTemplate, line 1, column 32: There is no helper "uppercase". Known: #each, #if, #unless, #with, lookup, eq, ne, gt, gte, lt, lte, and, or, not, len, json.',
      '11:71 CONFIG_TEMPLATE_INVALID c: payloadTemplate, line 1, column 7: There is no block "eech" (did you mean "each"?).',
      '16:26 CONFIG_TEMPLATE_INVALID d: payloadTemplate, line 2, column 14: There is no variable "docs_totl" here (did you mean "docs_total"?).',
      '17:27 CONFIG_TEMPLATE_INVALID d: payloadTemplate, line 3, column 15: There is no variable "collection_name" here (did you mean "collection_names"?).',
      '19:71 CONFIG_TEMPLATE_INVALID e: payloadTemplate, line 1, column 7: The payload is not JSON from here on: look for a missing quote or comma, or use {{json x}} for a whole value. Seen with one collection.',
      '20:80 CONFIG_TEMPLATE_INVALID f: payloadTemplate, line 1, column 16: An expression ends with "}}" (or "}}}" if it begins with "{{{"): one is missing here.',
      '21:88 CONFIG_TEMPLATE_INVALID g: payloadTemplate, line 1, column 24: The template ends inside a block or an expression: close it, for example with {{/each}} or }}.',
      '22:65 CONFIG_TEMPLATE_INVALID h: payloadTemplate, line 1, column 1: The payload is not JSON from here on: look for a missing quote or comma, or use {{json x}} for a whole value. Seen with one collection.',
      '23:74 CONFIG_TEMPLATE_INVALID i: payloadTemplate, line 1, column 10: "headers" has no "Authorisation" (did you mean "Authorization"?).',
      '24:75 CONFIG_TEMPLATE_INVALID j: payloadTemplate, line 1, column 11: There is no variable "$run_id" here (did you mean "run_id"?).',
      '25:74 CONFIG_TEMPLATE_INVALID k: payloadTemplate, line 1, column 10: There is no variable "materialization" here (did you mean "materialization_name"?).',
      '26:89 CONFIG_TEMPLATE_INVALID l: payloadTemplate, line 1, column 25: There is no operator ">" in templates: write (gt a b), (eq a b), (and a b) and so on.',
      '27:64 CONFIG_TEMPLATE_INVALID m: payloadTemplate, line 1, column 1: The payload is not JSON from here on: look for a missing quote or comma, or use {{json x}} for a whole value. Seen with one collection.',
      '28:97 CONFIG_TEMPLATE_INVALID n: payloadTemplate, line 1, column 33: There is no helper "jsn" (did you mean "json"?).',
      '29:72 CONFIG_TEMPLATE_INVALID o: payloadTemplate, line 1, column 8: There is no helper "toJson". Known: #each, #if, #unless, #with, lookup, eq, ne, gt, gte, lt, lte, and, or, not, len, json.',
      '29:96 CONFIG_TEMPLATE_INVALID o: payloadTemplate, line 1, column 32: There is no "@indx" (did you mean "@index"?), and that has a meaning only inside {{#each}}.',
      '29:132 CONFIG_TEMPLATE_INVALID o: payloadTemplate, line 1, column 68: There is no "@indx" (did you mean "@index"?), and that has a meaning only inside {{#each}}.',
    ],
  },
  'a template without quotes': {
    text: withBindings(`    triggers:
      config:
        a:
          url: https://example.com/s3cret
          payloadTemplate: {{json docs_total}}
`),
    issues: [
      '11:29 CONFIG_SYNTAX A value that begins with "{" is a mapping in YAML. Put a text such as a template in single quotes.',
    ],
  },
  'a template without quotes that is a mapping': {
    text: withBindings(`    triggers:
      config:
        a:
          url: https://example.com/s3cret
          payloadTemplate: {"text": "{{docs_total}} rows"}
`),
    issues: [
      '11:28 CONFIG_INVALID a: payloadTemplate must be a string. What begins with "{", or has fields, is a mapping in YAML: put a text in single quotes.',
    ],
  },
  'a template without quotes, braces inside': {
    text: withBindings(`    triggers:
      config:
        a:
          url: https://example.com/s3cret
          payloadTemplate: {"text": {{docs_total}}}
`),
    issues: [
      '11:38 CONFIG_SYNTAX A value that begins with "{" is a mapping in YAML. Put a text such as a template in single quotes.',
    ],
  },
  'a template of another program for a URL': {
    text: withBindings(`    triggers:
      config:
        a:
          url: {{ env.URL }}
          payloadTemplate: '{}'
`),
    issues: [
      '10:17 CONFIG_SYNTAX A value that begins with "{" is a mapping in YAML. Put a text such as a template in single quotes.',
    ],
  },
  'texts without quotes that begin with @, % and `': {
    text: `collections:
  a/b: { key: [@id], source: { ndjson: d.ndjson } }
materializations:
  a/m:
    endpoint: { sqlite: { path: %out.db } }
    bindings: [{ source: @a/b, resource: { table: \`t\` } }]
`,
    issues: [
      '2:16 CONFIG_SYNTAX A text without quotes cannot begin with "@". Put it in quotes.',
      '5:33 CONFIG_SYNTAX A text without quotes cannot begin with "%". Put it in quotes.',
      '6:26 CONFIG_SYNTAX A text without quotes cannot begin with "@". Put it in quotes.',
    ],
  },
  tabs: {
    text: `collections:
\ta/b: { key: [/id], source: { ndjson: d.ndjson } }
materializations:
\ta/m:
\t\tendpoint: { sqlite: { path: out.db } }
`,
    issues: [
      '2:1 CONFIG_SYNTAX This line is indented with a tab, which YAML does not allow. Use spaces.',
      '4:1 CONFIG_SYNTAX This line is indented with a tab, which YAML does not allow. Use spaces.',
      '5:1 CONFIG_SYNTAX This line is indented with a tab, which YAML does not allow. Use spaces.',
    ],
  },
  'a tab behind spaces': {
    text: `collections:
  a/b:
  \tkey: [/id]
`,
    issues: ['3:3 CONFIG_SYNTAX This line is indented with a tab, which YAML does not allow. Use spaces.'],
  },
  'a byte order mark': {
    text: `\uFEFFcollections:
  a/b: { key: [/id], source: { ndjson: d.ndjson } }
materializations:
  a/m:
    endpoint: { sqlite: { pth: out.db } }
`,
    issues: [
      '4:3 CONFIG_INVALID bindings is missing: write which collections go where, each as { source, resource }.',
      '5:27 CONFIG_UNKNOWN_FIELD There is no field "pth" (did you mean "path"?).',
    ],
  },
  'an empty file': {
    text: `
`,
    issues: ['1:1 CONFIG_SYNTAX a.yaml is empty. Write a spec: a mapping with collections and materializations.'],
  },
  'a file of comments': {
    text: `# collections:
`,
    issues: ['1:1 CONFIG_SYNTAX a.yaml is empty. Write a spec: a mapping with collections and materializations.'],
  },
  'a document without content': {
    text: `---
`,
    issues: ['1:4 CONFIG_SYNTAX a.yaml is empty. Write a spec: a mapping with collections and materializations.'],
  },
  'a spec in JSON': {
    text: `{"collections": {"a/b": {"key": "/id", "source": {"ndjson": "d.ndjson"}}},
 "materializations": {"a/m": {"endpoint": {"sqlite": {"pth": "x"}}, "bindings": [] }}}
`,
    issues: [
      '1:33 CONFIG_KEY_INVALID key must be a list of JSON pointers: write [/id].',
      '2:55 CONFIG_UNKNOWN_FIELD There is no field "pth" (did you mean "path"?).',
      '2:81 CONFIG_EMPTY There are no bindings, so that nothing is written and no trigger fires.',
    ],
  },
  'JSON without its last brace': {
    text: `{"collections": {"a/b": {"key": ["/id"], "source": {"ndjson": "d.ndjson"},},
 "materializations": {"a/m": {"endpoint": {"sqlite": {"pth": "x"}}, "bindings": [] }}}
`,
    issues: ['3:1 CONFIG_SYNTAX A "{" further up is not closed. Write the "}".'],
  },
  'JSON with a comment': {
    text: `{
  // comment
  "collections": {}
}
`,
    issues: [
      '2:3 CONFIG_UNKNOWN_FIELD "// comment "collections"" stands at the top of the file, and looks like a name below collections or materializations. Indent it, so that it stands where it belongs.',
    ],
  },
  'triggers alone': {
    text: `config:
  dbt: { url: https://example.com/s3cret, payloadTemplate: '{}' }
`,
    issues: ['1:1 CONFIG_EMPTY a.yaml has no materializations, so that there is nothing to run.'],
  },
  'one materialization alone': {
    text: `endpoint: { sqlite: { path: out.db } }
bindings: [{ source: a/b, resource: { table: t } }]
`,
    issues: [
      '1:1 CONFIG_UNKNOWN_FIELD "endpoint" stands at the top of the file, and looks like a field of a materialization. Indent it, so that it stands where it belongs.',
      '2:1 CONFIG_UNKNOWN_FIELD "bindings" stands at the top of the file, and looks like a field of a materialization. Indent it, so that it stands where it belongs.',
    ],
  },
  'lists of collections and materializations': {
    text: `collections:
  - name: a/b
    key: [/id]
    source: { ndjson: d.ndjson }
materializations:
  - name: a/m
    endpoint: { sqlite: { path: out.db } }
    bindings: [{ source: a/b, resource: { table: t } }]
`,
    issues: [
      '1:1 CONFIG_INVALID collections must be a mapping, and not a list: write its fields without dashes and brackets.',
      '5:1 CONFIG_INVALID materializations must be a mapping, and not a list: write its fields without dashes and brackets.',
    ],
  },
  'sections in the singular': {
    text: `collection:
  a/b: { key: [/id], source: { ndjson: d.ndjson } }
materialization:
  a/m:
    endpoint: { sqlite: { path: out.db } }
    bindings: [{ source: a/b, resource: { table: t } }]
    trigger: {}
`,
    issues: [
      '1:1 CONFIG_UNKNOWN_FIELD There is no field "collection" (did you mean "collections"?).',
      '3:1 CONFIG_UNKNOWN_FIELD There is no field "materialization" (did you mean "materializations"?).',
      '7:5 CONFIG_UNKNOWN_FIELD There is no field "trigger" (did you mean "triggers"?).',
      '7:5 CONFIG_INVALID config is missing: write a list of triggers, or a map from name to trigger.',
    ],
  },
  capitals: {
    text: `Collections:
  a/b: { Key: [/id], Source: { ndjson: d.ndjson } }
Materializations:
  a/m:
    Endpoint: { SQLite: { Path: out.db } }
    Bindings: [{ Source: a/b, Resource: { Table: t } }]
`,
    issues: [
      '1:1 CONFIG_UNKNOWN_FIELD There is no field "Collections" (did you mean "collections"?).',
      '2:10 CONFIG_UNKNOWN_FIELD There is no field "Key" (did you mean "key"?).',
      '2:22 CONFIG_UNKNOWN_FIELD There is no field "Source" (did you mean "source"?).',
      '3:1 CONFIG_UNKNOWN_FIELD There is no field "Materializations" (did you mean "materializations"?).',
      '5:5 CONFIG_UNKNOWN_FIELD There is no field "Endpoint" (did you mean "endpoint"?).',
      '5:17 CONFIG_UNKNOWN_KIND There is no endpoint "SQLite" (did you mean "sqlite"?). What can run here: sqlite, postgres. Catalogs may also have connector, local, dekaf, which cannot be run here.',
      '5:27 CONFIG_UNKNOWN_FIELD There is no field "Path" (did you mean "path"?).',
      '6:5 CONFIG_UNKNOWN_FIELD There is no field "Bindings" (did you mean "bindings"?).',
      '6:18 CONFIG_UNKNOWN_FIELD There is no field "Source" (did you mean "source"?).',
      '6:31 CONFIG_UNKNOWN_FIELD There is no field "Resource" (did you mean "resource"?).',
      '6:43 CONFIG_UNKNOWN_FIELD There is no field "Table" (did you mean "table"?).',
    ],
  },
  'endpoints and bindings in other forms': {
    text: `collections:
  a/b: { key: [/id], source: { ndjson: d.ndjson } }
materializations:
  a/m:
    endpoint: sqlite
    bindings: { source: a/b, resource: { table: t } }
  a/n:
    endpoint: { type: sqlite, path: out.db }
    bindings: [a/b]
  a/o:
    endpoint: { postgresql: { url: postgres://me:s3cret@h/db } }
    bindings: [{ source: a/b, resource: t }]
  a/p:
    endpoint: { mysql: {} }
    bindings: [{ source: [a/b], resource: { table: t, delta: "yes" } }]
`,
    issues: [
      '5:15 CONFIG_INVALID endpoint must be a mapping: say where to write. What can run here: sqlite, postgres. Catalogs may also have connector, local, dekaf, which cannot be run here.',
      '6:15 CONFIG_INVALID bindings must be a list: write which collections go where, each as { source, resource }.',
      '8:17 CONFIG_UNKNOWN_KIND There is no endpoint "type". What stands here belongs below its name: write endpoint: { sqlite: { … } }. What can run here: sqlite, postgres. Catalogs may also have connector, local, dekaf, which cannot be run here.',
      '9:16 CONFIG_INVALID A binding must be a mapping with source and resource.',
      '11:17 CONFIG_UNKNOWN_KIND There is no endpoint "postgresql" (did you mean "postgres"?). What can run here: sqlite, postgres. Catalogs may also have connector, local, dekaf, which cannot be run here.',
      '11:17 CONFIG_INVALID address is missing (the server: host or host:port, with port 5432 unless it is said, or the folder of its socket, such as /run/postgresql).',
      '11:17 CONFIG_INVALID database is missing (the database to write to).',
      '11:17 CONFIG_INVALID user is missing (whom to connect as).',
      '11:31 CONFIG_UNKNOWN_FIELD There is no field "url". Known: address, database, user, password, schema, stateSchema, tls.',
      '12:41 CONFIG_INVALID resource must be an object.',
      '14:17 CONFIG_UNKNOWN_KIND There is no endpoint "mysql". What can run here: sqlite, postgres. Catalogs may also have connector, local, dekaf, which cannot be run here.',
      '15:26 CONFIG_INVALID source must be the name of a collection: a text, in quotes if it looks like a number.',
    ],
  },
  'keys and sources in other forms': {
    text: `collections:
  a: { key: id, source: d.ndjson }
  b: { key: [id], source: { file: d.ndjson } }
  c: { key: [/id], source: { ndjson: { path: d.ndjson } } }
  d: { key: [/id], source: [d.ndjson] }
  e: { key: [[/id]], source: { ndjsn: d.ndjson } }
  f: { keys: [/id], source: { ndjson: d.ndjson }, reduce: Last }
  g: { primaryKey: [/id], sources: { ndjson: d.ndjson } }
materializations:
  a/m:
    endpoint: { sqlite: { path: out.db } }
    bindings: 
      - { source: a, resource: { table: a } }
      - { source: b, resource: { table: b } }
      - { source: c, resource: { table: c } }
      - { source: d, resource: { table: d } }
      - { source: e, resource: { table: e } }
      - { source: f, resource: { table: f } }
      - { source: g, resource: { table: g } }
`,
    issues: [
      '2:13 CONFIG_KEY_INVALID key must be a list of JSON pointers: write [/id].',
      '2:25 CONFIG_SOURCE_INVALID source must be a mapping: write { ndjson: d.ndjson }.',
      '3:14 CONFIG_KEY_INVALID This JSON pointer of the key must begin with "/": write /id.',
      '3:19 CONFIG_SOURCE_INVALID source.ndjson is missing: write a file, a glob such as "data/*.ndjson", a list of them, or "-" for standard input.',
      '3:29 CONFIG_UNKNOWN_FIELD There is no field "file". Known: ndjson.',
      '4:38 CONFIG_SOURCE_INVALID source.ndjson must be a file, a glob such as "data/*.ndjson", a list of them, or "-" for standard input.',
      '5:28 CONFIG_SOURCE_INVALID source must be a mapping: write { ndjson: data.ndjson }.',
      '6:14 CONFIG_KEY_INVALID This JSON pointer of the key must be a text that begins with "/", such as /id.',
      '6:32 CONFIG_UNKNOWN_FIELD There is no field "ndjsn" (did you mean "ndjson"?).',
      '7:8 CONFIG_UNKNOWN_FIELD There is no field "keys" (did you mean "key"?).',
      '7:59 CONFIG_INVALID reduce must be last (the last document of a key counts) or merge (each is merged into the one before).',
      '8:27 CONFIG_UNKNOWN_FIELD There is no field "sources" (did you mean "source"?).',
    ],
  },
  'no space behind a colon': {
    text: `collections:
  a/b:
    key:[/id]
    source: { ndjson:d.ndjson }
`,
    issues: ['3:5 CONFIG_SYNTAX A space is missing behind the colon.'],
  },
  'a line indented too little': {
    text: `collections:
  a/b:
    key: [/id]
   source: { ndjson: d.ndjson }
materializations:
  a/m:
    endpoint: { sqlite: { path: out.db } }
`,
    issues: [
      '4:1 CONFIG_SYNTAX This line is indented differently from those it belongs to, or the ones above it are. Indent the fields of one mapping, and the entries of one list, alike.',
    ],
  },
  'a quote that is not closed': {
    text: `collections:
  a/b:
    key: ["/id]
    source: { ndjson: d.ndjson }
`,
    issues: ['3:11 CONFIG_SYNTAX This quote is not closed.'],
  },
  'triggers beside the materialization': {
    text: withBindings(`  triggers:
    config:
      dbt: { url: https://example.com/s3cret, payloadTemplate: '{}' }
`),
    issues: [
      '7:3 CONFIG_UNKNOWN_FIELD "triggers" stands where the names of materializations do, and looks like a field of one. Indent it, so that it stands where it belongs.',
    ],
  },
  'a resource beside the bindings': {
    text: `collections:
  a/b: { key: [/id], source: { ndjson: d.ndjson } }
materializations:
  a/m:
    endpoint: { sqlite: { path: out.db } }
    bindings:
      - source: a/b
    resource: { table: t }
`,
    issues: [
      '7:9 CONFIG_INVALID table is missing (the table that is made for the collection and kept up to date).',
      '8:5 CONFIG_UNKNOWN_FIELD resource is a field of a binding. Indent it, so that it stands in one of bindings.',
    ],
  },
  'fields of other kinds': {
    text: withBindings(`    triggers:
      config:
        a: { kind: slack, url: https://hooks.slack.com/services/s3cret }
        b: { kind: slack }
        c: { kind: webhook }
        d: { kind: webhook, url: https://a.example, secretUrl: https://b.example, payloadTemplate: '{}' }
        e: { kind: nats, url: nats://x.example, payloadTemplate: '{}' }
        f: { kind: postgres, payloadTemplate: '{}' }
        g: { kind: command, payloadTemplate: '{}', command: x }
        h: { kind: dbt-cloud, payloadTemplate: '{}' }
        i: { kind: github, payloadTemplate: '{}' }
        j: { kind: airflow, payloadTemplate: '{}' }
        k: { kind: Webhook, url: https://a.example, payloadTemplate: '{}' }
        l: { kind: http, url: https://a.example, payloadTemplate: '{}' }
        m: { kind: dbt, url: https://a.example, payloadTemplate: '{}' }
        n: { type: webhook, url: https://a.example, payloadTemplate: '{}' }
`),
    issues: [
      '9:27 CONFIG_UNKNOWN_FIELD a: There is no field "url" (did you mean "secretUrl"?).',
      '10:9 CONFIG_INVALID b: secretUrl is missing (the URL of an incoming webhook, https://hooks.slack.com/services/…).',
      '11:9 CONFIG_INVALID c: payloadTemplate is missing (Handlebars template of the payload).',
      '11:9 CONFIG_INVALID c: url is missing (where the payload is sent: http or https, without user and password). secretUrl can take its place.',
      '12:34 CONFIG_INVALID d: Of url and secretUrl only one can be given. Remove the other.',
      '13:20 CONFIG_UNKNOWN_KIND e: There is no trigger kind "nats". Registered: airflow, command, dbt-cloud, github-dispatch, slack, webhook. One of a plugin is given by --plugin on the command line, or to the registry.',
      '14:20 CONFIG_UNKNOWN_KIND f: There is no trigger kind "postgres". Registered: airflow, command, dbt-cloud, github-dispatch, slack, webhook. One of a plugin is given by --plugin on the command line, or to the registry.',
      '15:9 CONFIG_INVALID g: program is missing (what is run: an absolute path).',
      '15:52 CONFIG_UNKNOWN_FIELD g: There is no field "command". Known: kind, name, payloadTemplate, timeout, maxAttempts, interval, onFailure, program, args, env and 2 more.',
      '16:9 CONFIG_INVALID h: account is missing (the id of the account).',
      '16:9 CONFIG_INVALID h: job is missing (the id of the job that is run).',
      '16:9 CONFIG_INVALID h: token is missing (a service token that may run jobs).',
      '17:20 CONFIG_UNKNOWN_KIND i: There is no trigger kind "github" (did you mean "github-dispatch"?). Registered: airflow, command, dbt-cloud, github-dispatch, slack, webhook.',
      '18:9 CONFIG_INVALID j: url is missing (the base URL of the web server, without /api: https://airflow.example.com).',
      '18:9 CONFIG_INVALID j: dag is missing (the id of the dag that is run).',
      '19:20 CONFIG_UNKNOWN_KIND k: There is no trigger kind "Webhook" (did you mean "webhook"?). Registered: airflow, command, dbt-cloud, github-dispatch, slack, webhook.',
      '20:20 CONFIG_UNKNOWN_KIND l: There is no trigger kind "http". Registered: airflow, command, dbt-cloud, github-dispatch, slack, webhook. One of a plugin is given by --plugin on the command line, or to the registry.',
      '21:20 CONFIG_UNKNOWN_KIND m: There is no trigger kind "dbt" (did you mean "dbt-cloud"?). Registered: airflow, command, dbt-cloud, github-dispatch, slack, webhook.',
      '22:14 CONFIG_UNKNOWN_FIELD n: There is no field "type" (did you mean "kind"?).',
    ],
  },
  'names in a list': {
    text: withBindings(`    triggers:
      config:
        - { name: x, url: https://a.example, payloadTemplate: '{}' }
        - { name: x, url: https://a.example, payloadTemplate: '{}' }
        - slack: { url: https://a.example, payloadTemplate: '{}' }
`),
    issues: [
      '10:19 CONFIG_NAME_DUPLICATE x: Two triggers are called "x": here and at /config/0/name. Rename one of them.',
      '11:11 CONFIG_UNKNOWN_FIELD "slack" looks like the name of a trigger. In a list that is a field of the trigger: write name: slack. Or write config as a map, without the dashes.',
    ],
  },
};
