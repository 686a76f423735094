import {
  forecast,
  getSeriesTransform,
  getTrainingRun,
  OptionError,
  save,
  type TrainingRun,
  type TrainOptions,
} from "lstm-wasm";
import type { Command, GenerateRequest, Phase, Plan, Report } from "../protocol.js";
import { examineSeries, examineText } from "./examine.js";
import { failureOf, whereOf } from "./failure.js";
import type { RunStore } from "./keeper.js";
import { newRun, tableOf } from "./new-run.js";
import { type Opening, openRun } from "./open-run.js";
import type { Run } from "./run.js";
import { TrainingLoop } from "./training-loop.js";
import { Mutex } from "./turns.js";
import { write } from "./writing.js";

/** One run at a time, and what can be asked of it. */
export class Session {
  private run: Run | undefined;
  private loop: TrainingLoop | undefined;
  private phase: Phase = "empty";
  private isTraining = false;
  /** Counts the runs that were begun or given up. */
  private order = 0;
  private readonly turns = new Mutex();
  private writing = new AbortController();
  private examining = new AbortController();

  constructor(
    private readonly kind: Plan["kind"],
    private readonly tell: (report: Report) => void,
    private readonly keeper: Promise<RunStore | undefined>,
  ) {}

  /** Does what is asked, and tells what goes wrong. */
  async obey(command: Command): Promise<void> {
    try {
      await this.perform(command);
    } catch (error) {
      // First the fields are free again, so that the one which cannot be gets the focus.
      if (this.phase === "preparing") this.enter(this.run ? "paused" : "empty");
      this.tell({ type: "failure", failure: failureOf(error, whereOf(command)) });
    }
  }

  private async perform(command: Command): Promise<void> {
    switch (command.type) {
      case "train":
        await this.begin(() => newRun(command.plan), command.plan.training);
        return;
      case "open":
        return this.open({ kind: this.kind, ...command });
      case "continue":
        return this.continueKept();
      case "resume":
        return this.resume(command.epochs);
      case "pause":
        return this.loop?.pause();
      case "reset":
        await this.drop();
        return (await this.keeper)?.discard();
      case "generate":
        return this.write(command.request);
      case "stop":
        return this.writing.abort();
      case "forecast":
        return this.forecast(command.horizon);
      case "save":
        return this.saveFile();
      case "discard":
        return (await this.keeper)?.discard();
      case "keep":
        return this.loop?.keep();
    }
  }

  /**
   * Takes another run in place of the one there is, and trains it where options for that are given.
   *
   * @returns undefined where meanwhile it was given up, or another was asked for
   */
  private async begin(make: () => Promise<Run>, options?: TrainOptions): Promise<Run | undefined> {
    const released = this.release();
    const { order } = this;
    this.enter("empty");
    this.enter("preparing");
    await released;
    const run = await make();
    if (order !== this.order) {
      run.model.free();
      return undefined;
    }
    this.run = run;
    (await this.keeper)?.begin();
    if (this.run !== run) return undefined;
    try {
      if (options) await this.train(options);
      else await this.show();
    } catch (error) {
      // An option of training is refused before the first step.
      if (this.run === run) await this.drop();
      throw error;
    }
    return run;
  }

  /** Takes the run of a file. One that cannot be opened leaves the run that there is. */
  private async open(opening: Opening): Promise<void> {
    const { order } = this;
    const run = await openRun(opening);
    if (order === this.order) await this.begin(() => Promise.resolve(run));
    else run.model.free();
  }

  private async resume(epochs: number | undefined): Promise<void> {
    const done = this.run ? (getTrainingRun(this.run.model)?.epoch ?? 0) : 0;
    if (epochs !== undefined && epochs < done)
      throw new OptionError("epochs", `at least ${done}, which are done already`, epochs);
    await this.train({ resume: true, ...(epochs === undefined ? {} : { epochs }) });
  }

  private async continueKept(): Promise<void> {
    const kept = await (await this.keeper)?.read();
    if (!kept) throw new Error("the kept run is gone");
    const opening: Opening = { kind: this.kind, bytes: kept.bytes, current: kept.content, backend: "auto" };
    const run = await this.begin(() => openRun(opening));
    if (run && run === this.run && kept.epoch < kept.epochs) await this.train({ resume: true });
  }

  /** Shows a run that is not being trained. */
  private async show(): Promise<void> {
    const { run } = this;
    if (!run) return;
    this.loop = new TrainingLoop(run, this.turns, this.keeper, this.tell);
    const state = getTrainingRun(run.model)!;
    await this.loop.showAll(state);
    await this.loop.sample(true);
    await this.finish(state);
  }

  private async train(options: TrainOptions): Promise<void> {
    const { run } = this;
    if (!run || this.isTraining) return;
    this.isTraining = true;
    this.examining.abort();
    this.loop ??= new TrainingLoop(run, this.turns, this.keeper, this.tell);
    this.enter("preparing");
    const { loop } = this;
    try {
      await loop.train(options, () => this.enter("training"));
    } catch (error) {
      // Even then the model keeps its last good state, unless the run never began.
      if (!loop.hasBegun) throw error;
      this.tell({ type: "failure", failure: failureOf(error, "run") });
    } finally {
      this.isTraining = false;
    }
    if (this.run !== run) return;
    const state = getTrainingRun(run.model);
    if (state) await this.finish(state);
    else this.enter("diverged");
  }

  private async finish(state: TrainingRun): Promise<void> {
    const { run } = this;
    if (!run) return;
    const isDone = state.epoch >= state.options.epochs;
    this.enter(isDone ? "done" : "paused");
    if (isDone) await this.examine(run, state);
  }

  private async examine(run: Run, state: TrainingRun): Promise<void> {
    this.examining = new AbortController();
    const { signal } = this.examining;
    try {
      await this.turns.take(async () => {
        if (run.kind === "series") this.tell({ type: "tested", tested: examineSeries(run) });
        else this.tell({ type: "learned", learned: await examineText(run, state, signal) });
      });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  private async drop(): Promise<void> {
    await this.release();
    this.enter("empty");
  }

  /** Ends whatever the run is at, and gives its memory back. */
  private async release(): Promise<void> {
    this.order++;
    this.writing.abort();
    this.examining.abort();
    const { run, loop } = this;
    this.run = undefined;
    this.loop = undefined;
    await loop?.pause();
    await this.turns.take(() => run?.model.free());
  }

  private async write(request: GenerateRequest): Promise<void> {
    const { run, turns } = this;
    if (!run) return;
    this.writing.abort();
    this.writing = new AbortController();
    try {
      await write(run.model, request, turns, this.writing.signal, {
        isTraining: () => this.isTraining,
        tell: (piece, isOver) => this.tell({ type: "written", piece, isOver }),
      });
    } catch (error) {
      this.tell({ type: "written", piece: "", isOver: true });
      throw error;
    }
  }

  private async forecast(horizon: number): Promise<void> {
    const { run } = this;
    if (!run) return;
    const { columns, target } = getSeriesTransform(run.model).config;
    const future = await this.turns.take(() => forecast(run.model, tableOf(run.content, columns), horizon));
    this.tell({ type: "forecast", values: future[target]! });
  }

  private async saveFile(): Promise<void> {
    const { run } = this;
    if (!run) return;
    const bytes = await this.turns.take(() => save(run.model));
    const { preset, file } = run.content;
    const name = preset ?? file?.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "") ?? "model";
    this.tell({ type: "file", bytes, name: `${name}.safetensors` });
  }

  private enter(phase: Phase): void {
    this.phase = phase;
    this.tell({ type: "phase", phase });
  }
}
