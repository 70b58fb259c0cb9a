import { describe, expect, it } from 'vitest';
import { hook, issuesOf, validate } from '../test/sample-kinds.js';

const said = (value: unknown) => issuesOf(value).map(({ code, pointer, message }) => `${code} ${pointer} ${message}`);
const placesOf = (value: unknown) => validate(value).triggers.map(({ pointer }) => pointer);

describe('triggers a level too high', () => {
  it('are told that their fields need a name above them', () => {
    expect(said({ config: hook })).toEqual([
      'CONFIG_UNKNOWN_FIELD /config/url url and payloadTemplate are fields of a trigger. Put them below a name: config: { my-trigger: { url: …, … } }.',
    ]);
    expect(said({ config: { url: 'https://a' } })[0]).toBe(
      'CONFIG_UNKNOWN_FIELD /config/url url is a field of a trigger. Put it below a name: config: { my-trigger: { url: … } }.',
    );
  });

  it('are told that their fields need config and a name above them', () => {
    expect(said(hook)).toEqual([
      'CONFIG_UNKNOWN_FIELD /url url and payloadTemplate are fields of a trigger. Put them below config and a name: config: { my-trigger: { url: …, … } }.',
    ]);
  });

  it('are told that they belong below config, as a list and as a map', () => {
    expect(said([hook])).toEqual([
      'CONFIG_INVALID  The list of triggers belongs below config: write triggers: { config: [ … ] }.',
    ]);
    expect(said({ slack: hook })).toEqual([
      'CONFIG_INVALID /config config is missing: write a list of triggers, or a map from name to trigger. Put what is here inside of it.',
    ]);
  });

  it('are told how a trigger of a list is named', () => {
    expect(said({ config: [{ slack: hook }] })).toEqual([
      'CONFIG_UNKNOWN_FIELD /config/0/slack "slack" looks like the name of a trigger. In a list that is a field of the trigger: write name: slack. Or write config as a map, without the dashes.',
    ]);
  });

  it.each([
    ['in config', { config: { ...hook, timeout: 5 } }, '/config/timeout'],
    ['beside config', { ...hook, timeout: 5 }, '/timeout'],
    ['in a list without config', [{ ...hook, timeout: 5 }], '/0/timeout'],
    ['in a map without config', { slack: { ...hook, timeout: 5 } }, '/slack/timeout'],
    ['under their name in a list', { config: [{ slack: { ...hook, timeout: 5 } }] }, '/config/0/slack/timeout'],
    ['below a misspelt config', { cofnig: { slack: { ...hook, timeout: 5 } } }, '/cofnig/slack/timeout'],
  ])('are looked into all the same: %s', (_where, value, pointer) => {
    const issues = issuesOf(value);
    expect(issues).toHaveLength(2);
    expect(issues[1]).toMatchObject({ code: 'CONFIG_DURATION_INVALID', pointer });
  });

  it('hide none that stand where they should', () => {
    const headers = { Authorization: 'Bearer s3cret' };
    expect(placesOf({ config: { ...hook, headers, slack: hook } })).toEqual(['/config', '/config/slack']);
    expect(JSON.stringify(said({ config: { ...hook, headers } }))).not.toContain('s3cret');
  });

  it('are fields, too, where a mapping among them is misspelt', () => {
    expect(said({ config: { ...hook, haeders: { Authorization: 'Bearer s3cret' } } })).toEqual([
      'CONFIG_UNKNOWN_FIELD /config/url url, payloadTemplate and haeders are fields of a trigger. Put them below a name: config: { my-trigger: { url: …, … } }.',
      expect.stringMatching(/^CONFIG_UNKNOWN_FIELD \/config\/haeders .*did you mean "headers"/),
    ]);
  });

  it('are none where a trigger is called as a field is', () => {
    expect(said({ config: { headers: hook, timeout: hook } })).toEqual([]);
  });

  it('are none where a header is called as a field is', () => {
    expect(said({ config: [{ headers: { timeout: '1' }, ...hook }] })).toEqual([]);
  });
});
