import type { Meter } from '@opentelemetry/api';

/** What of a meter is used: any meter of OpenTelemetry has it. */
export type SessionMeter = Pick<
  Meter,
  'createCounter' | 'createHistogram' | 'createObservableGauge' | 'addBatchObservableCallback'
>;

/** In seconds. */
const shortDurations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** In seconds. A delivery may wait for an interval, or for a receiver that comes back the next day. */
const longDurations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 43_200];

export type SessionInstruments = ReturnType<typeof sessionInstruments>;

/** What is measured of sessions. Names and units are part of what this package promises: dashboards stand on them. */
export function sessionInstruments(meter: SessionMeter) {
  const short = { unit: 's', advice: { explicitBucketBoundaries: shortDurations } };
  const long = { unit: 's', advice: { explicitBucketBoundaries: longDurations } };
  return {
    transactions: meter.createCounter('aftercommit.transactions', {
      description: 'Transactions that committed, also those without documents.',
      unit: '{transaction}',
    }),
    documents: meter.createCounter('aftercommit.documents', {
      description: 'Source documents of transactions that committed.',
      unit: '{document}',
    }),
    documentSize: meter.createCounter('aftercommit.document.size', {
      description: 'Bytes of these documents, as they were read.',
      unit: 'By',
    }),
    commitDuration: meter.createHistogram('aftercommit.commit.duration', {
      description: 'From the staging of a transaction until it is known to be committed and visible.',
      ...short,
    }),
    attempts: meter.createCounter('aftercommit.attempts', {
      description: 'Attempts at deliveries, by outcome: delivered, retry or rejected.',
      unit: '{attempt}',
    }),
    attemptDuration: meter.createHistogram('aftercommit.attempt.duration', {
      description: 'From the beginning of an attempt to its outcome.',
      ...short,
    }),
    deliveryDuration: meter.createHistogram('aftercommit.delivery.duration', {
      description: 'From the commit, the first one where several were united, until the delivery is durably noted.',
      ...long,
    }),
    failures: meter.createCounter('aftercommit.session.failures', {
      description: 'Sessions that ended, or could not be opened, because of an error.',
      unit: '{session}',
    }),
    openSessions: meter.createObservableGauge('aftercommit.sessions', {
      description: '1 while the materialization has a session here, 0 once that has ended.',
      unit: '{session}',
    }),
    pendingWindows: meter.createObservableGauge('aftercommit.pending.windows', {
      description: 'Windows that are committed and neither delivered nor parked.',
      unit: '{window}',
    }),
    pendingAge: meter.createObservableGauge('aftercommit.pending.age', {
      description: 'How long ago the oldest of these committed; 0: there is none.',
      unit: 's',
    }),
    parkedDeliveries: meter.createObservableGauge('aftercommit.parked.deliveries', {
      description: 'Deliveries that are set aside and wait for a person.',
      unit: '{delivery}',
    }),
  };
}
