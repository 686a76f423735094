import { DivergenceError, InputError } from "../common/errors.js";
import { Random } from "../common/random.js";
import type { Batches } from "../data/batches.js";
import type { Engine, State } from "../engine/engine.js";
import { allocate, release } from "../engine/training-memory.js";
import type { Model } from "../model/model.js";
import type { Optimizer, UpdateAddresses } from "../optim/optimizer.js";
import { optimizerOf } from "../optim/optimizers.js";
import { isExplosion, isLost, isWorse } from "./explosion.js";
import { type FlatRange, partition } from "./frozen.js";
import type { GradientSource } from "./gradient-source.js";
import type { Methods } from "./methods.js";
import type { TrainConfig } from "./options.js";
import type { SharedRun } from "./process-group.js";
import {
  bestEpochOf,
  copyOf,
  finishOf,
  isValidated,
  type Progress,
  type RunningTraining,
  type Snapshot,
  type Training,
  type TrainingState,
  viewOf,
} from "./training-state.js";

/** Trains one model on one set of data, step by step. */
export class Trainer implements RunningTraining {
  readonly progress: Progress;
  readonly threads: number;
  readonly fingerprint: string;
  readonly validationFingerprint: string | undefined;
  /** Of the last step. */
  learningRate: number;

  private readonly engine: Engine;
  private readonly carried: State;
  private readonly zeros: State;
  /** The generator for a step in progress; the model's own is updated when the step is done. */
  private readonly draws = new Random(0);
  private readonly addresses: UpdateAddresses;
  private readonly optimizer: Optimizer;
  private readonly source: GradientSource;
  /** The sum of the gradients of an update's batches, if there are several; else 0. */
  private readonly sum: number;
  private readonly ranges: ReturnType<typeof partition>;
  /** The parameters with the best validation loss so far. */
  private best: Float32Array | undefined;
  /** The parameters with the best training loss since this trainer began, to restore in a run without validation. */
  private readonly good: Float32Array;
  /** The update after which they were kept, and the epoch whose loss they have. */
  private goodStep = -1;
  private goodEpoch: number;
  private bestTrainLoss: number;

  /**
   * @param state a run to resume
   * @param group the run of several processes that this is a part of
   * @throws LstmError if the model is already being trained
   * @throws OutOfMemoryError if a step does not fit into memory
   */
  constructor(
    private readonly model: Model,
    private readonly batches: Batches,
    readonly config: TrainConfig,
    private readonly methods: Methods,
    threads: number,
    { fingerprint, validationFingerprint }: Pick<Training, "fingerprint" | "validationFingerprint">,
    state?: TrainingState,
    group?: SharedRun,
  ) {
    this.fingerprint = fingerprint;
    this.validationFingerprint = validationFingerprint;
    const { engine } = model;
    const { table, parameters } = engine;
    this.engine = engine;
    this.threads = engine.isShared ? threads : 1;
    this.optimizer = optimizerOf(config);
    const names = this.optimizer.stateNames(config);
    const { dropout } = config;
    const shards = Math.min(config.gradientShards, batches.batchSize);
    const sums = config.accumulate > 1 ? 1 : 0;
    const { Gradients } = methods;
    const own = Gradients.ownShards(shards, group);
    const { buffers, passes } = allocate(
      engine,
      1 + names.length + own + sums,
      Gradients.bytesFor(engine, batches, dropout, shards, threads, group),
    );
    const [previous, ...others] = buffers as [number, ...number[]];
    const optimizerState = others.slice(0, names.length);
    const gradients = others.slice(names.length, names.length + own);
    this.sum = others[names.length + own] ?? 0;
    this.ranges = partition(table, config.frozen);
    const gradient = this.sum || gradients[0]!;
    this.addresses = { parameters, previous, gradients: gradient, state: optimizerState, length: table.length };
    try {
      if (state) checkPosition(state.progress, batches, this.stepsPerEpoch);
      this.source = new Gradients(model, { batches, dropout, shards, gradients, passes, threads, group });
      this.carried = engine.createState(config.batchSize);
      this.zeros = engine.createState(batches.batchSize);
      this.good = copyOf(engine, parameters);
    } catch (error) {
      release(engine);
      throw error;
    }
    if (state) {
      this.progress = structuredClone(state.progress);
      this.carried.set(state.carried);
      for (const [i, name] of names.entries())
        engine.floats.set(state.optimizerState.get(name)!, optimizerState[i]! / 4);
      if (this.progress.validationLosses.length > 0) this.best = copyOf(this.engine, parameters);
      if (state.last) engine.floats.set(state.last, parameters / 4);
      if (config.shuffle) batches.shuffle?.(this.progress.epochKey);
      batches.cursor = this.progress.cursor;
    } else {
      this.progress = {
        epoch: 0,
        step: 0,
        tokens: 0,
        cursor: 0,
        epochPredictions: 0,
        epochLoss: 0,
        epochKey: 0,
        gradientNorm: 0,
        trainLosses: [],
        validationLosses: [],
      };
    }
    this.learningRate = methods.learningRateAt(config, Math.max(1, this.progress.step), this.stepsPerEpoch);
    const { epoch, keptEpoch = epoch, trainLosses } = this.progress;
    this.goodEpoch = keptEpoch;
    this.bestTrainLoss = trainLosses[keptEpoch - 1] ?? Number.POSITIVE_INFINITY;
    delete this.progress.keptEpoch;
    // To be restored if the very next step diverges.
    engine.floats.copyWithin(previous / 4, parameters / 4, parameters / 4 + table.length);
  }

  /** Updates in an epoch. */
  get stepsPerEpoch(): number {
    return Math.ceil(this.batches.chunksPerEpoch / this.config.accumulate);
  }

  /** Mean loss per prediction over the current epoch, or over the last one at its end. */
  get meanLoss(): number {
    return this.progress.epochLoss / this.progress.epochPredictions;
  }

  /** Whether the last step ended an epoch. */
  get atEpochEnd(): boolean {
    return this.progress.cursor === 0;
  }

  /**
   * The epoch with the best validation loss, counted from 1; without held-out data the one that a run goes back to at its
   * end. 0 for none.
   */
  get bestEpoch(): number {
    return bestEpochOf(this.progress) || this.keptEpoch;
  }

  private get keptEpoch(): number {
    if (isValidated(this) || !this.finished) return 0;
    return isWorse(this.model.output, this.bestTrainLoss, this.progress.trainLosses) ? this.goodEpoch : 0;
  }

  /** Whether the finished epoch still has to be validated. */
  get awaitsValidation(): boolean {
    const { epoch, validationLosses } = this.progress;
    return isValidated(this) && validationLosses.length < epoch;
  }

  /** Whether all epochs are done, or patience has run out. */
  get finished(): boolean {
    return finishOf(this) !== undefined;
  }

  /**
   * One update on the next chunk, or on as many as are accumulated. At the start of an epoch the carried state is zero.
   *
   * @throws DivergenceError if the loss or gradient is not finite; the parameters are then those of the last step with
   *   finite ones
   * @throws WorkerError if a thread fails; everything is then as it was before the step
   */
  async advance(): Promise<void> {
    const { batches, carried, progress, source, config, draws } = this;
    const { random } = this.model;
    const isFirst = progress.cursor === 0;
    // The run's state does not change during the step, so that it can be saved at any time.
    draws.state.set(random.state);
    let { epochKey } = progress;
    if (isFirst) {
      if (batches.shuffle && config.shuffle) {
        epochKey = draws.next();
        batches.shuffle(epochKey);
      }
      batches.cursor = 0;
    }
    const { chunks, predictions } = this.nextUpdate();
    // Where nothing counts there is no gradient.
    const mean = predictions > 0 ? 1 / predictions : 0;
    let [loss, steps] = [0, 0];
    for (let i = 0; i < chunks; i++) {
      if (config.dropout > 0) for (let k = 0; k < source.keys.length; k++) source.keys[k] = draws.next();
      steps += batches.nextSteps;
      const before = !batches.continuous || (isFirst && i === 0) ? this.zeros : i > 0 ? source.state : carried;
      loss += await source.step(before, config.lossReduction === "mean" ? mean : 1);
      if (this.sum) this.accumulate(i === 0);
    }
    random.state.set(draws.state);
    carried.set(source.state);
    if (isFirst) {
      progress.epochKey = epochKey;
      progress.epochLoss = 0;
      progress.epochPredictions = 0;
    }
    this.update(loss, predictions);
    progress.epochLoss += loss;
    progress.epochPredictions += predictions;
    progress.tokens += steps;
    progress.cursor = batches.nextLength === 0 ? 0 : batches.cursor;
    if (progress.cursor === 0) this.endEpoch(loss);
  }

  /** The chunks of the next update, and the predictions in them. */
  private nextUpdate(): { chunks: number; predictions: number } {
    const { batches, config } = this;
    if (config.accumulate === 1) return { chunks: 1, predictions: batches.nextPredictions };
    const { cursor } = batches;
    let [chunks, predictions] = [0, 0];
    for (; chunks < config.accumulate && batches.nextLength > 0; chunks++) {
      predictions += batches.nextPredictions;
      batches.advance();
    }
    batches.cursor = cursor;
    return { chunks, predictions };
  }

  private accumulate(isFirst: boolean): void {
    const { kernels, table } = this.engine;
    if (isFirst) kernels.clear(this.sum, table.length);
    kernels.add(this.sum, this.source.gradients, table.length);
  }

  /** Prepares the slow parts of the first step. */
  prepare(): Promise<void> {
    return this.source.prepare();
  }

  /**
   * Records the validation loss of the epoch that has just ended, and keeps the parameters if it is the best.
   *
   * @throws DivergenceError if it is not finite
   */
  validated(loss: number): void {
    const { step, validationLosses } = this.progress;
    if (!Number.isFinite(loss)) this.diverged(loss, step);
    if (isExplosion(this.model.output, loss, validationLosses))
      this.diverged(loss, step, "the mean loss on the held-out data exploded");
    validationLosses.push(loss);
    if (this.bestEpoch === this.progress.epoch) this.best = copyOf(this.engine, this.addresses.parameters);
  }

  /**
   * Ends the run and loads the best parameters into the model: without held-out data, those of the best training loss where
   * the last is much worse.
   *
   * @throws DivergenceError if the last update diverged; the model then has the parameters before it
   */
  leave(): TrainingState {
    this.checkOptimizerState();
    const { state, parameters } = this.standing((run) => copyOf(this.engine, run));
    this.engine.floats.set(parameters, this.addresses.parameters / 4);
    return state!;
  }

  snapshot(): Snapshot {
    return this.standing((address) => viewOf(this.engine, address));
  }

  /** @param take a view or a copy of the flat buffer at an address */
  private standing(take: (address: number) => Float32Array): Snapshot {
    const { config, fingerprint, validationFingerprint, addresses, progress } = this;
    if (!this.isFinite(addresses.parameters)) this.diverged(this.meanLoss, progress.step);
    const current = take(addresses.parameters);
    const isBest = this.best === undefined || this.bestEpoch === progress.epoch;
    const { keptEpoch } = this;
    const parameters = keptEpoch > 0 ? this.good : this.best && !(isBest && this.atEpochEnd) ? this.best : current;
    // The parameters are still good. The run reports the divergence at its next step.
    if (!this.hasFiniteState) return { state: undefined, parameters };
    const state = {
      config,
      fingerprint,
      validationFingerprint,
      // The losses of a long run are not copied each time that it is saved.
      progress: { ...progress, ...(keptEpoch > 0 ? { keptEpoch } : {}) },
      carried: this.carried.slice(),
      optimizerState: new Map(this.optimizer.stateNames(config).map((name, i) => [name, take(addresses.state[i]!)])),
      last: parameters === current ? undefined : current,
    };
    return { state, parameters };
  }

  /** Releases the training buffers. */
  free(): void {
    release(this.engine);
  }

  private update(loss: number, predictions: number): void {
    const { progress, addresses, config } = this;
    const { kernels } = this.engine;
    const { gradients, length } = addresses;
    const { clipValue, clipNorm } = config;
    for (const { offset, length } of this.ranges.frozen) kernels.clear(gradients + 4 * offset, length);
    progress.gradientNorm = Math.sqrt(kernels.sumOfSquares(gradients, length));
    this.learningRate = this.methods.learningRateAt(config, progress.step + 1, this.stepsPerEpoch);
    // What the last update of an epoch has made of the parameters shows now: those before it did better.
    const mean = loss / predictions;
    if (
      predictions > 0 &&
      progress.step === this.goodStep &&
      (!Number.isFinite(mean) || isExplosion(this.model.output, mean, progress.trainLosses))
    )
      this.good.set(viewOf(this.engine, addresses.previous));
    if (!Number.isFinite(loss) || !Number.isFinite(progress.gradientNorm)) this.diverged(loss, progress.step + 1);
    let norm = progress.gradientNorm;
    if (clipValue > 0) {
      kernels.clipByValue(gradients, length, clipValue);
      if (clipNorm > 0) norm = Math.sqrt(kernels.sumOfSquares(gradients, length));
    }
    const gradientScale = clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1;
    progress.step++;
    const { step } = progress;
    const settings = { step, learningRate: this.learningRate, gradientScale };
    for (const range of this.ranges.trained)
      this.optimizer.update(kernels, rangeOf(addresses, range), settings, config);
  }

  private endEpoch(loss: number): void {
    const { progress } = this;
    // Within an epoch, the next step's loss reveals a bad update; after the last update there is no next step.
    if (!this.isFinite(this.addresses.parameters)) this.diverged(loss, progress.step);
    this.checkOptimizerState();
    const { meanLoss } = this;
    if (isExplosion(this.model.output, meanLoss, progress.trainLosses))
      this.diverged(meanLoss, progress.step, "the mean loss of the epoch exploded");
    progress.epoch++;
    progress.trainLosses.push(meanLoss);
    if (isLost(this.model, progress.trainLosses))
      this.diverged(meanLoss, progress.step, "the loss has risen far above its best");
    if (isValidated(this) || meanLoss > this.bestTrainLoss) return;
    this.bestTrainLoss = meanLoss;
    this.goodEpoch = progress.epoch;
    // The loss of an only update is that of the parameters before it.
    const { parameters, previous } = this.addresses;
    this.good.set(viewOf(this.engine, this.stepsPerEpoch === 1 ? previous : parameters));
    this.goodStep = progress.step;
  }

  /** @throws DivergenceError if the optimizer's state has overflowed, after which no update changes a parameter */
  checkOptimizerState(): void {
    if (!this.hasFiniteState)
      this.diverged(this.meanLoss, this.progress.step, `the state of ${this.config.optimizer} overflowed`);
  }

  /**
   * Restores the parameters that did best on the held-out data or, without such data, in training. Before the end of the
   * first epoch these are those from before the last update.
   */
  private diverged(loss: number, step: number, reason?: string): never {
    const { parameters, previous, length } = this.addresses;
    const { gradientNorm } = this.progress;
    const { floats } = this.engine;
    const good = this.best ?? (Number.isFinite(this.bestTrainLoss) || reason !== undefined ? this.good : undefined);
    if (good) floats.set(good, parameters / 4);
    else floats.copyWithin(parameters / 4, previous / 4, previous / 4 + length);
    if (good && !this.best && this.goodEpoch > 0) this.progress.keptEpoch = this.goodEpoch;
    const { clipNorm, clipValue } = this.config;
    throw new DivergenceError(
      Math.ceil(step / this.stepsPerEpoch),
      step,
      this.learningRate,
      loss,
      gradientNorm,
      reason,
      clipNorm > 0 || clipValue > 0 ? "try a smaller learning rate" : undefined,
    );
  }

  private get hasFiniteState(): boolean {
    return this.addresses.state.every((run) => this.isFinite(run));
  }

  private isFinite(run: number): boolean {
    return Number.isFinite(this.engine.kernels.sumOfSquares(run, this.addresses.length));
  }
}

/** @throws InputError for counts that no run on these data comes to */
function checkPosition({ epoch, step, cursor }: Progress, batches: Batches, stepsPerEpoch: number): void {
  const isInEpoch = Math.floor(step / stepsPerEpoch) === epoch && step % stepsPerEpoch > 0 === cursor > 0;
  if (batches.isCursor(cursor) && isInEpoch) return;
  throw new InputError("the run's position is impossible with these data: the checkpoint is damaged");
}

/** A part of the flat buffers of an update. */
function rangeOf(addresses: UpdateAddresses, { offset, length }: FlatRange): UpdateAddresses {
  if (length === addresses.length) return addresses;
  const at = (address: number) => address + 4 * offset;
  const { parameters, previous, gradients, state } = addresses;
  return { parameters: at(parameters), previous: at(previous), gradients: at(gradients), state: state.map(at), length };
}
