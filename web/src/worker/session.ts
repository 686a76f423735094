import { getTrainingRun, OptionError, save, type TrainingRun, type TrainOptions } from "lstm-wasm";
import { locationOf, toFailure } from "../common/failure.js";
import type { Command, GenerateRequest, Phase, Report, RunKind } from "../common/protocol.js";
import { evaluateText } from "./inference/evaluate.js";
import { generateInSlices } from "./inference/generation.js";

import { Observer } from "./inside/observer.js";
import { createRun } from "./run/create-run.js";
import { type OpenRequest, openRun } from "./run/open-run.js";
import { predictFrom } from "./run/predictor.js";
import type { Run } from "./run/run.js";
import type { RunStore, SavedCheckpoint } from "./run/run-store.js";
import { Mutex } from "./scheduling/mutex.js";
import { TrainingLoop } from "./training/training-loop.js";

const fileOf = ({ bytes }: SavedCheckpoint): File => new File([bytes as Uint8Array<ArrayBuffer>], "model.safetensors");

/** One run at a time, and the commands on it. */
export class Session {
  private run: Run | undefined;
  private loop: TrainingLoop | undefined;
  private phase: Phase = "empty";
  private isTraining = false;
  /** Counts the runs that were begun or dropped. */
  private version = 0;
  private readonly mutex = new Mutex();
  private readonly observer = new Observer();
  private generating = new AbortController();
  private evaluating = new AbortController();
  private recalling = new AbortController();

  constructor(
    private readonly kind: RunKind,
    private readonly post: (report: Report) => void,
    private readonly store: Promise<RunStore | undefined>,
  ) {}

  /** Carries a command out, and reports its failure. */
  async handle(command: Command): Promise<void> {
    try {
      await this.perform(command);
    } catch (error) {
      // The phase comes first: it enables the fields, so that the invalid one can take the focus.
      if (this.phase === "preparing") this.setPhase(this.run ? "paused" : "empty");
      this.post({ type: "failure", failure: toFailure(error, locationOf(command)) });
    }
  }

  private async perform(command: Command): Promise<void> {
    switch (command.type) {
      case "train":
        await this.begin(() => createRun(command.config), command.config.training);
        return;
      case "open":
        return this.open({ kind: this.kind, ...command });
      case "continue":
        return this.continueSaved();
      case "resume":
        return this.resume(command.options);
      case "pause":
        return this.loop?.pause();
      case "reset":
        return this.reset();
      case "generate":
        return this.generate(command.request);
      case "stop":
        return this.generating.abort();
      case "watch":
        return this.watch(command.isWatching, command.words);
      case "predict":
        return this.predict(command.inputs);
      case "forecast":
        return this.forecast(command.horizon);
      case "save":
        return this.saveFile();
      case "discard":
        return (await this.store)?.discard();
      case "restore":
        await (await this.store)?.restore();
        return this.postSaved();
      case "persist":
        return this.loop?.persist();
    }
  }

  /**
   * Replaces the run by a new one, and trains it if options are given.
   *
   * @returns undefined where it was dropped or replaced in the meantime
   */
  private async begin(create: () => Promise<Run>, options?: TrainOptions): Promise<Run | undefined> {
    const released = this.release();
    const { version } = this;
    this.setPhase("empty");
    this.setPhase("preparing");
    await released;
    const run = await create();
    if (version !== this.version) {
      run.model.free();
      return undefined;
    }
    this.run = run;
    (await this.store)?.begin();
    if (this.run !== run) return undefined;
    try {
      if (options) await this.train(options);
      else await this.show();
    } catch (error) {
      // A training option was refused before the first step.
      if (this.run === run) await this.drop();
      throw error;
    }
    return run;
  }

  /** Opens a checkpoint. If that fails, the current run stays. */
  private async open(request: OpenRequest): Promise<void> {
    const { version } = this;
    const run = await openRun(request);
    if (version === this.version) await this.begin(() => Promise.resolve(run));
    else run.model.free();
  }

  private async resume(options: TrainOptions): Promise<void> {
    const done = this.run ? (getTrainingRun(this.run.model)?.epoch ?? 0) : 0;
    const { epochs } = options;
    if (epochs !== undefined && epochs < done)
      throw new OptionError("epochs", `at least ${done}, the number of epochs already done`, epochs);
    await this.train({ ...options, resume: true });
  }

  private async continueSaved(): Promise<void> {
    const saved = await (await this.store)?.read();
    if (!saved) throw new Error("the saved run no longer exists");
    const request: OpenRequest = { kind: this.kind, files: [fileOf(saved)], current: saved.content, backend: "auto" };
    const run = await this.begin(() => openRun(request));
    if (run && run === this.run && saved.epoch < saved.epochs) await this.train({ resume: true });
  }

  /** Shows a run without training it. */
  private async show(): Promise<void> {
    const { run } = this;
    if (!run) return;
    this.loop = new TrainingLoop(run, this.mutex, this.store, this.observer, this.post);
    const state = getTrainingRun(run.model);
    this.loop.postAll(state);
    await this.loop.show(true);
    if (state && !run.isModelOnly) await this.finish(state);
    else this.setPhase("model");
  }

  private async train(options: TrainOptions): Promise<void> {
    const { run } = this;
    if (!run || this.isTraining) return;
    this.isTraining = true;
    this.evaluating.abort();
    this.recalling.abort();
    this.loop ??= new TrainingLoop(run, this.mutex, this.store, this.observer, this.post);
    this.setPhase("preparing");
    const { loop } = this;
    try {
      await loop.train(options, () => this.setPhase("training"));
    } catch (error) {
      // A run that has begun keeps its last good state.
      if (!loop.hasBegun) throw error;
      this.post({ type: "failure", failure: toFailure(error, "run") });
    } finally {
      this.isTraining = false;
    }
    if (this.run !== run) return;
    const state = getTrainingRun(run.model);
    if (state && state.stopReason !== "diverged") await this.finish(state);
    else this.setPhase("diverged");
  }

  private async finish(state: TrainingRun): Promise<void> {
    const { run } = this;
    if (!run) return;
    const isDone = state.epoch >= state.options.epochs;
    this.setPhase(isDone ? "done" : "paused");
    if (isDone) await this.evaluate(run, state);
    if (this.run === run && !this.isTraining) await this.recall();
  }

  private async evaluate(run: Run, state: TrainingRun): Promise<void> {
    this.evaluating = new AbortController();
    const { signal } = this.evaluating;
    try {
      await this.mutex.runExclusive(async () => {
        if (run.evaluateSeries) this.post({ type: "seriesEvaluation", evaluation: run.evaluateSeries() });
        else this.post({ type: "textEvaluation", evaluation: await evaluateText(run, state, signal) });
      });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Lets go of the run. Its saved copy stays, and is offered, so that a slip can be undone. */
  private async reset(): Promise<void> {
    const { loop } = this;
    await loop?.pause();
    await loop?.persist();
    await (await this.store)?.flush();
    await this.drop();
    await this.postSaved();
  }

  /** Reports the saved run. */
  private async postSaved(): Promise<void> {
    const saved = await (await this.store)?.read();
    if (!saved || this.run) return;
    const { epoch, epochs, savedAt } = saved;
    this.post({ type: "storage", savedRun: { epoch, epochs, savedAt } });
  }

  private async drop(): Promise<void> {
    await this.release();
    this.setPhase("empty");
  }

  /** Stops all work on the run and frees its memory. */
  private async release(): Promise<void> {
    this.version++;
    this.generating.abort();
    this.evaluating.abort();
    this.recalling.abort();
    const { run, loop } = this;
    this.run = undefined;
    this.loop = undefined;
    await loop?.pause();
    await this.mutex.runExclusive(() => run?.model.free());
  }

  private async generate(request: GenerateRequest): Promise<void> {
    const { run, mutex } = this;
    if (!run) return;
    this.generating.abort();
    this.generating = new AbortController();
    try {
      await generateInSlices(run.model, request, mutex, this.generating.signal, {
        isTraining: () => this.isTraining,
        onText: (text, isDone) => this.post({ type: "generated", text, isDone }),
      });
    } catch (error) {
      this.post({ type: "generated", text: "", isDone: true });
      throw error;
    }
  }

  private async watch(isWatching: boolean, words: string): Promise<void> {
    const { run, mutex, observer } = this;
    observer.watch(isWatching, words);
    if (!run || this.isTraining) return;
    const insight = await mutex.runExclusive(() => (run === this.run ? observer.look(run) : undefined));
    if (insight) this.post({ type: "insight", insight });
    await this.recall();
  }

  /** Looks back at the run, until something else is to be done. */
  private async recall(): Promise<void> {
    this.recalling.abort();
    this.recalling = new AbortController();
    await this.loop?.recall(this.recalling.signal);
  }

  private async predict(inputs: string): Promise<void> {
    const { run } = this;
    if (!run) return;
    const prediction = await this.mutex.runExclusive(() => predictFrom(run.model, inputs));
    if (run === this.run) this.post({ type: "prediction", prediction });
  }

  private async forecast(horizon: number): Promise<void> {
    const { run } = this;
    if (!run) return;
    const values = await this.mutex.runExclusive(() => run.forecast?.(horizon));
    if (values) this.post({ type: "forecast", values });
  }

  private async saveFile(): Promise<void> {
    const { run } = this;
    if (!run) return;
    const bytes = await this.mutex.runExclusive(() => save(run.model));
    const { preset, file } = run.content;
    const name = preset ?? file?.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "") ?? "model";
    this.post({ type: "file", bytes, name: `${name}.safetensors` });
  }

  private setPhase(phase: Phase): void {
    this.phase = phase;
    this.post({ type: "phase", phase });
  }
}
