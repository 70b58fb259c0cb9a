import type { PlanChange, TakenOver } from '@aftercommit/delivery';

/** With what a trigger goes on, why, and what of it changed. */
export function takenOverText(trigger: string, takesOver: TakenOver | null): string {
  if (takesOver === null) return 'is new, and starts with nothing waiting';
  const { changes } = takesOver;
  const changed = changes.map((change) => changeTexts[change]).join(', ');
  return `${partnerText(trigger, takesOver)}; ${changed === '' ? 'nothing changed' : `changed: ${changed}`}`;
}

function partnerText(trigger: string, { outbox, rule, hadTrigger }: TakenOver): string {
  if (outbox === trigger) return hadTrigger ? 'goes on' : 'is back, and goes on with what was kept for it';
  return `takes over from ${outbox}, ${ruleTexts[rule]}`;
}

const ruleTexts: Record<TakenOver['rule'], string> = {
  same: 'which is the same',
  name: 'which has its name',
  'target-and-template': 'which had the same target and template',
  target: 'which had the same target',
  'only-one-left': 'the only one of its kind that is left',
};

const changeTexts: Record<PlanChange, string> = {
  name: 'name',
  kind: 'kind',
  target: 'target',
  template: 'payloadTemplate',
  interval: 'interval',
  onFailure: 'onFailure',
  settings: 'another setting',
};
