import { load, type Model, save } from "lstm-wasm";

/** A network this large is copied too slowly; its epochs are long enough to look at as they go. */
const MOST_PARAMETERS = 300_000;
/** From one snapshot to the next: about forty in a thousand epochs. */
const RATIO = 1.18;
/** Epochs that are all kept: a network learns most early. */
const FIRST = 8;

/** A model's parameters after an epoch. */
interface Snapshot {
  readonly epoch: number;
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

/** A model's parameters at epochs evenly spaced by their logarithm: to look at them afterwards costs training nothing. */
export class Snapshots {
  private readonly taken: Snapshot[] = [];
  private next = 1;

  constructor(private readonly model: Model) {}

  /** Copies the parameters after an epoch, if it is one to look back at. */
  take(epoch: number): void {
    const { model } = this;
    if (epoch < this.next || model.parameterCount > MOST_PARAMETERS) return;
    this.next = epoch < FIRST ? epoch + 1 : Math.ceil(epoch * RATIO);
    this.taken.push({ epoch, tensors: new Map(model.tensors.map(({ name }) => [name, model.tensor(name)])) });
  }

  /** The model as it was, epoch by epoch. It is always the same object, with other parameters. */
  async *recall(): AsyncGenerator<{ readonly epoch: number; readonly model: Model }, void, void> {
    const { model, taken } = this;
    if (taken.length === 0) return;
    const past = await load(save(model, { training: false }), { backend: model.backend });
    try {
      for (const { epoch, tensors } of taken) {
        for (const [name, values] of tensors) past.setTensor(name, values);
        yield { epoch, model: past };
      }
    } finally {
      past.free();
    }
  }
}
