import type { Json } from '@aftercommit/models';

/** An endpoint that owns the runtime checkpoint: it commits it with its rows, and refuses epochs below one it has seen. */
export class Endpoint {
  checkpoint: Json | undefined;
  rows = 0;
  epoch = 0n;

  /** For `endpointCheckpoint`: raises the fence and tells what is there. */
  readonly open = async (epoch: bigint): Promise<Json | undefined> => {
    if (epoch < this.epoch) throw new Error(`epoch ${epoch} is fenced by ${this.epoch}`);
    this.epoch = epoch;
    return this.checkpoint;
  };

  commit(epoch: bigint, rows: number, checkpoint: Json): void {
    if (epoch < this.epoch) throw new Error(`epoch ${epoch} is fenced by ${this.epoch}`);
    this.rows += rows;
    this.checkpoint = structuredClone(checkpoint);
  }

  /** A backup of it. */
  copy(): Endpoint {
    return Object.assign(new Endpoint(), { checkpoint: this.checkpoint, rows: this.rows, epoch: this.epoch });
  }
}
