import { type Model, OptionError, save, type TrainOptions } from "lstm-wasm";
import { getTrainingRun, type TrainingRun } from "lstm-wasm/inspect";
import { checkpointName } from "../common/checkpoint-name.js";
import { whole } from "../common/content.js";
import { locationOf, toFailure } from "../common/failure.js";
import type {
  Command,
  GenerateRequest,
  GivenContent,
  Phase,
  Report,
  RunConfig,
  RunKind,
  TextRunConfig,
} from "../common/protocol.js";
import { evaluateText } from "./inference/evaluate.js";
import { generateInSlices } from "./inference/generation.js";
import { Observer } from "./inside/observer.js";
import { createRun, createRunOf } from "./opening/create-run.js";
import { type OpenRequest, openRun } from "./opening/open-run.js";
import { readText } from "./opening/read-text.js";
import { predictFrom } from "./run/predictor.js";
import type { Run } from "./run/run.js";
import type { RunStore, SavedCheckpoint } from "./run/run-store.js";
import { Mutex } from "./scheduling/mutex.js";
import type { SeriesDesk } from "./series/desk.js";
import { estimateSeconds } from "./training/estimate.js";
import { TrainingLoop } from "./training/training-loop.js";

/** Whether to make one update only. */
interface Step {
  readonly isStep?: boolean | undefined;
}

/** What to do with a new run. */
interface Plan extends Step {
  readonly saved?: string;
}

/** Makes a run, until the signal ends that. */
type Maker = (signal: AbortSignal) => Promise<Run>;

const stepOf = ({ isStep }: Step): Step => ({ isStep });

const withWhole = async (config: RunConfig<GivenContent>): Promise<RunConfig> => ({
  ...config,
  content: await whole(config.content),
});

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
  /** Where series are read and drawn; its code is fetched when there is one. */
  private desk: Promise<SeriesDesk> | undefined;
  private creating = new AbortController();
  private generating = new AbortController();
  private evaluating = new AbortController();
  private recalling = new AbortController();
  private estimating = new AbortController();

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
        await this.begin(await this.makerOf(command), { isStep: command.isStep });
        return;
      case "read":
        return this.post({
          type: "read",
          request: command.request,
          ...(await readText(command.file, command.encoding)),
        });
      case "open":
        return this.open({ kind: this.kind, ...command, current: await whole(command.current) });
      case "continue":
        return this.continueSaved(command.id);
      case "resume":
        return this.resume(command.options, stepOf(command));
      case "adjust":
        return this.loop?.adjust(command);
      case "estimate":
        return this.estimate(command.config);
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
      case "table":
      case "show":
      case "inspect":
      case "forecast":
      case "forecastFile":
      case "detect": {
        const desk = await this.openDesk();
        if (command.type === "inspect") this.observer.watch(command.isOpen, "");
        await this.mutex.runExclusive(() => desk.perform(command, this.run?.subject));
        // Another series or row is looked at in all moments.
        if (command.type === "show" || command.type === "inspect") await this.recall();
        return;
      }
      case "save":
        return this.saveFile();
      case "discard":
        return (await this.store)?.discard(command.id);
      case "restore":
        await (await this.store)?.restore();
        return this.postSaved();
      case "persist":
        return this.loop?.persist();
    }
  }

  /** How to make the run that is to be trained. One of the model that is open is made at once: if that fails, it stays open. */
  private async makerOf({ config, goesOn }: Command & { readonly type: "train" }): Promise<Maker> {
    const { run } = this;
    if (goesOn && run) {
      const bytes = await this.mutex.runExclusive(() => save(run.model));
      const made = await createRunOf(run, bytes, await withWhole(config));
      return () => Promise.resolve(made);
    }
    return async (signal) =>
      createRun(await withWhole(config), signal, (search) => {
        if (!signal.aborted) this.post({ type: "search", search });
      });
  }

  private loopFor(run: Run): TrainingLoop {
    const momentOf = async (epoch: number, model: Model) =>
      (await this.deskFor(run))?.momentOf(run.subject!.forecastBy(model), epoch);
    return new TrainingLoop(run, this.mutex, this.store, this.observer, momentOf, this.post);
  }

  private deskFor({ subject }: Run): Promise<SeriesDesk> | undefined {
    return subject && this.openDesk();
  }

  private openDesk(): Promise<SeriesDesk> {
    this.desk ??= import("./series/desk.js").then(({ SeriesDesk }) => new SeriesDesk(this.post));
    return this.desk;
  }

  /**
   * Replaces the run by a new one, and trains it if it says how.
   *
   * @param plan.saved the saved run that it goes on
   * @returns undefined where it was dropped or replaced in the meantime
   */
  private async begin(create: Maker, { isStep, saved }: Plan = {}): Promise<Run | undefined> {
    const released = this.release();
    const { version } = this;
    this.creating = new AbortController();
    this.setPhase("empty");
    this.setPhase("preparing");
    await released;
    let run: Run;
    try {
      run = await create(this.creating.signal);
    } catch (error) {
      if (version !== this.version) return undefined;
      throw error;
    }
    if (version !== this.version) {
      run.model.free();
      return undefined;
    }
    this.run = run;
    (await this.store)?.begin(saved);
    if (this.run !== run) return undefined;
    try {
      if (run.training) await this.train(run.training, { isStep });
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

  private async resume(options: TrainOptions, step: Step): Promise<void> {
    const done = this.run ? (getTrainingRun(this.run.model)?.epoch ?? 0) : 0;
    const { epochs } = options;
    if (epochs !== undefined && epochs < done)
      throw new OptionError("epochs", `at least ${done}, the number of epochs already done`, epochs);
    await this.train({ ...options, resume: true }, step);
  }

  private async continueSaved(id: string): Promise<void> {
    const saved = await (await this.store)?.read(id);
    if (!saved) throw new Error("the saved run no longer exists");
    const request: OpenRequest = { kind: this.kind, files: [fileOf(saved)], current: saved.content, backend: "auto" };
    const run = await this.begin(() => openRun(request), { saved: id });
    if (run && run === this.run && saved.epoch < saved.epochs) await this.train({ resume: true });
  }

  /** Shows a run without training it. */
  private async show(): Promise<void> {
    const { run } = this;
    if (!run) return;
    this.loop = this.loopFor(run);
    const state = getTrainingRun(run.model);
    this.loop.postAll(state);
    await this.loop.show(true);
    if (state && !run.isModelOnly) return this.finish(state);
    this.setPhase("model");
    if (run.subject) await this.evaluate(run);
  }

  private async train(options: TrainOptions, { isStep }: Step = {}): Promise<void> {
    const { run } = this;
    if (!run || this.isTraining) return;
    this.isTraining = true;
    this.evaluating.abort();
    this.recalling.abort();
    this.loop ??= this.loopFor(run);
    this.setPhase("preparing");
    run.subject?.forget();
    const { loop } = this;
    try {
      await loop.train(options, { isStep, onStart: () => this.setPhase("training") });
    } catch (error) {
      // A run that has begun keeps its last good state.
      if (!loop.hasBegun) throw error;
      this.post({ type: "failure", failure: toFailure(error, "run") });
    } finally {
      this.isTraining = false;
    }
    if (this.run !== run) return;
    const state = getTrainingRun(run.model);
    if (state && state.stopReason !== "diverged") return this.finish(state);
    this.setPhase("diverged");
    // What was shown last may come from the parameters that went wrong.
    await loop.show(true);
    if (run.subject && state?.bestEpoch !== undefined) await this.evaluate(run);
  }

  private async finish(state: TrainingRun): Promise<void> {
    const { run } = this;
    if (!run) return;
    const isDone = state.epoch >= state.options.epochs;
    this.setPhase(isDone ? "done" : "paused");
    if (isDone || run.subject) await this.evaluate(run, state);
    if (this.run === run) await this.recall();
  }

  /** @param state of a text's run */
  private async evaluate(run: Run, state?: TrainingRun): Promise<void> {
    this.evaluating = new AbortController();
    const { signal } = this.evaluating;
    const desk = await this.deskFor(run);
    try {
      await this.mutex.runExclusive(async () => {
        if (this.run !== run) return;
        if (run.subject) {
          const failure = await desk!.judge(run.subject);
          // That training diverged is the more important news.
          if (failure && this.phase !== "diverged") this.post({ type: "failure", failure });
        } else if (state) this.post({ type: "textEvaluation", evaluation: await evaluateText(run, state, signal) });
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

  /** Reports the saved runs. */
  private async postSaved(): Promise<void> {
    const store = await this.store;
    if (store) this.post({ type: "storage", savedRuns: store.list });
  }

  private async drop(): Promise<void> {
    await this.release();
    this.setPhase("empty");
    (await this.desk)?.draw(undefined);
  }

  /** Stops all work on the run and frees its memory. */
  private async release(): Promise<void> {
    this.version++;
    this.creating.abort();
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

  /** Looks back at a run that rests, until something else is to be done. */
  private async recall(): Promise<void> {
    this.recalling.abort();
    if (this.isTraining) return;
    this.recalling = new AbortController();
    await this.loop?.recall(this.recalling.signal);
  }

  /** Reports how long a run would take here. The last that was asked for counts. */
  private async estimate(config: TextRunConfig<GivenContent>): Promise<void> {
    this.estimating.abort();
    this.estimating = new AbortController();
    const { signal } = this.estimating;
    const seconds = await this.mutex.runExclusive(() => (signal.aborted ? undefined : estimateSeconds(config)));
    if (!signal.aborted && !this.isTraining)
      this.post({ type: "estimate", ...(seconds === undefined ? {} : { seconds }) });
  }

  private async predict(inputs: string): Promise<void> {
    const { run } = this;
    if (!run) return;
    const prediction = await this.mutex.runExclusive(() => predictFrom(run.model, inputs));
    if (run === this.run) this.post({ type: "prediction", prediction });
  }

  private async saveFile(): Promise<void> {
    const { run } = this;
    if (!run) return;
    const bytes = await this.mutex.runExclusive(() => save(run.model));
    this.post({ type: "file", blob: new Blob([bytes]), name: checkpointName(run.content) });
  }

  private setPhase(phase: Phase): void {
    this.phase = phase;
    this.post({ type: "phase", phase });
  }
}
