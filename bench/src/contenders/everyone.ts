import { aftercommit } from './aftercommit.js';
import { bullmq } from './bullmq.js';
import type { Contender } from './contender.js';
import { floorWithGot, floorWithUndici } from './floor.js';
import { graphileWorker } from './graphile-worker.js';
import { pgBoss } from './pg-boss.js';
import { plainjob } from './plainjob.js';

export const floors: readonly Contender[] = [floorWithGot, floorWithUndici];

export const peers: readonly Contender[] = [plainjob, bullmq, graphileWorker, pgBoss];

export const everyone: readonly Contender[] = [aftercommit, ...floors, ...peers];
