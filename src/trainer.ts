import type { TrainConfig } from "./config.js";
import type { Batches } from "./data/batches.js";
import type { Engine, State } from "./engine.js";
import { DivergenceError } from "./errors.js";
import { addressesOf, type ParameterAddresses, type PassPlan } from "./layout.js";
import type { Model } from "./model.js";
import { slotsOf, type UpdateAddresses, update } from "./optimizer.js";

/** The training of one model on one text, step by step, with all that must outlive a step. */
export class Trainer {
  /** Epochs finished. */
  epoch = 0;
  /** Updates made. */
  step = 0;
  /** The L2 norm of all gradients in the last step, before clipping. */
  gradientNorm = 0;
  /** Tokens read so far. */
  tokens = 0;
  /** Predictions in this epoch so far, and the sum of their losses in nats. */
  epochPredictions = 0;
  epochLoss = 0;

  private readonly engine: Engine;
  private readonly state: State;
  private readonly gradients: ParameterAddresses;
  private readonly addresses: UpdateAddresses;

  /** @throws LstmError where another training of the model is under way */
  constructor(
    private readonly model: Model,
    private readonly batches: Batches,
    private readonly config: TrainConfig,
  ) {
    const { engine } = model;
    const { table, parameters } = engine;
    this.engine = engine;
    const [gradients, previous, ...slots] = engine.keep(2 + slotsOf(config.optimizer)) as [number, number, ...number[]];
    this.addresses = { parameters, previous, gradients, slots, length: table.length };
    this.gradients = addressesOf(table, gradients);
    this.state = engine.createState(batches.batchSize);
    try {
      this.plan(batches.chunkLength);
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** Mean loss in nats per prediction over this epoch so far. */
  get meanLoss(): number {
    return this.epochLoss / this.epochPredictions;
  }

  /** Whether the last step ended an epoch. */
  get atEpochEnd(): boolean {
    return this.batches.nextLength === 0;
  }

  /**
   * One update on the next chunk. At the start of an epoch the carried state is zero.
   *
   * @throws DivergenceError where the loss or the gradient is not finite; the parameters are then those of the last
   *   step in which both were
   */
  advance(): void {
    const { batches, state } = this;
    const { engine } = this.model;
    if (this.atEpochEnd) batches.cursor = 0;
    if (batches.cursor === 0) {
      this.epochLoss = 0;
      this.epochPredictions = 0;
    }
    if (batches.cursor === 0 || !batches.continuous) state.fill(0);
    const plan = this.plan(batches.nextLength);
    const predictions = plan.scored * plan.B;
    batches.read(engine.integers, plan.tokens / 4, plan.targets / 4);
    engine.forward(plan, state);
    const loss = engine.loss(plan, this.config.lossReduction === "mean" ? 1 / predictions : 1);
    engine.backward(plan, this.gradients);
    this.update(loss);
    this.epochLoss += loss;
    this.epochPredictions += predictions;
    this.tokens += plan.T * plan.B;
    if (this.atEpochEnd) this.epoch++;
  }

  /** Gives the model's memory back. */
  free(): void {
    this.engine.release();
  }

  private plan(T: number): PassPlan {
    const { batchSize, scored } = this.batches;
    return this.model.engine.plan(T, batchSize, { training: true, scored: scored === "last" ? 1 : T });
  }

  private update(loss: number): void {
    const { kernels } = this.model.engine;
    const { parameters, gradients, length } = this.addresses;
    const { clipValue, clipNorm, learningRate, optimizer } = this.config;
    this.gradientNorm = Math.sqrt(kernels.sumOfSquares(gradients, length));
    if (!Number.isFinite(loss) || !Number.isFinite(this.gradientNorm)) this.diverged(loss);
    let norm = this.gradientNorm;
    if (clipValue !== undefined) {
      kernels.clipByValue(gradients, length, clipValue);
      if (clipNorm !== undefined) norm = Math.sqrt(kernels.sumOfSquares(gradients, length));
    }
    const scale = clipNorm !== undefined && norm > clipNorm ? clipNorm / norm : 1;
    this.step++;
    update(kernels, optimizer, this.addresses, this.step, learningRate, scale);
    // Within an epoch, the next step's loss shows whether this update went too far. After the last there is none.
    if (this.atEpochEnd && !Number.isFinite(kernels.sumOfSquares(parameters, length))) this.diverged(loss);
  }

  /** Goes back to the parameters before the last update, the last with which everything was finite. */
  private diverged(loss: number): never {
    const { parameters, previous, length } = this.addresses;
    if (this.step > 0) this.model.engine.floats.copyWithin(parameters / 4, previous / 4, previous / 4 + length);
    throw new DivergenceError(this.epoch + 1, this.step + 1, this.config.learningRate, loss, this.gradientNorm);
  }
}
