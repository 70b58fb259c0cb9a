/** The three triggers of the quickstart, as a user would write them. */
export const triggerNames = ['slack', 'dbt', 'airflow'] as const;

export function triggersFor(receiver: string): object {
  return {
    config: {
      slack: {
        url: `${receiver}/slack`,
        payloadTemplate:
          '{"text": "{{docs_total}} new documents, {{flow_published_at_min}} to {{flow_published_at_max}}", "docs_total": {{docs_total}}}',
      },
      dbt: {
        url: `${receiver}/dbt`,
        headers: { Authorization: 'Token dbtc_5up3r53cr3t' },
        // dbt Cloud takes its token as a header; other receivers want it in the body, and a template can put it there.
        payloadTemplate: `{
  "cause": "aftercommit run {{run_id}}",
  "token": "{{headers.Authorization}}",
  "steps_override": ["dbt build --select source:{{#each collection_names}}{{this}}{{#unless @last}},{{/unless}}{{/each}}+"],
  "docs_total": {{docs_total}}
}`,
      },
      airflow: {
        url: `${receiver}/airflow`,
        payloadTemplate: `{
  "dag_run_id": "aftercommit__{{run_id}}",
  "conf": { "collections": {{json collection_names}}, "bytes": {{bytes_total}} },
  "docs_total": {{docs_total}}
}`,
      },
    },
  };
}
