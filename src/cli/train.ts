import { DivergenceError, WorkerError } from "../common/errors.js";
import { toJson } from "../common/show.js";
import { RankError } from "../distributed/errors.js";
import type { MpiGroup } from "../distributed/group.js";
import { generate } from "../inference/generate.js";
import type { Model } from "../model/model.js";
import { backtest, getSeriesTransform } from "../series/forecast.js";
import { train } from "../training/train.js";
import { leftTraining, type Progress, type StopReason, trainingOf } from "../training/training-state.js";
import { lossPlot } from "./chart.js";
import { Checkpointer } from "./checkpointer.js";
import { InterruptedSearch, judge, withEpochs } from "./classifier-run.js";
import { parseFlags, UsageError } from "./flags.js";
import { Interruption } from "./interruption.js";
import { Lock, releaseAll } from "./lock.js";
import { follow, isInterruption, isLoss, startGroup } from "./mpi.js";
import { curvesOf, type End, endEvent, epochEvent, type Learned, printReport, startEvent, unitOf } from "./output.js";
import { refuseOutputFiles, refuseSameFiles, shownPath, type Target, targetOf, WriteError } from "./paths.js";
import { type Run, shared } from "./planned-run.js";
import { predictText } from "./predicted-text.js";
import { planRun } from "./run.js";
import { count, counted, ProgressDisplay } from "./terminal.js";
import { FLAGS, HELP, refuseConflicts, refuseWithoutEffect, type TrainFlags, withTable } from "./train-flags.js";
import { troubles } from "./troubles.js";
import { checkWritable, LineFile, writeWhole } from "./write.js";

/** Time between progress reports within an epoch, for the progress bar and for checkpoints, in milliseconds. */
const PROGRESS_INTERVAL = 100;

/** `lstm-wasm train`. */
export async function trainCommand(args: string[]): Promise<number> {
  const flags = withTable(parseFlags(FLAGS, args));
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const out = flags.out ?? flags.resume;
  for (const name of ["checkpoint-every", "force"] as const)
    if (flags[name] !== undefined && out === undefined)
      throw new UsageError(`--${name} needs --out FILE, the checkpoint to write`);
  refuseConflicts(flags);
  const group = await startGroup(flags);
  const interruption = new Interruption(releaseAll);
  try {
    return group && group.rank > 0
      ? await follow(flags, group, interruption)
      : await trainAndReport(flags, out, interruption, group);
  } finally {
    interruption.end();
    await group?.end();
  }
}

async function trainAndReport(
  flags: TrainFlags,
  target: string | undefined,
  interruption: Interruption,
  group: MpiGroup | undefined,
): Promise<number> {
  let lock: Lock | undefined;
  try {
    const prepare = async () => {
      // Before reading anything: another run may be about to write the checkpoint that this one resumes.
      if (target !== undefined) lock = await Lock.take(await targetOf(target), flags.force);
      return prepareRun(flags, lock, interruption);
    };
    const prepared = await (group ? group.together(prepare) : prepare());
    return await trainPrepared(flags, prepared, lock, interruption, group);
  } catch (error) {
    if (!(error instanceof InterruptedSearch)) throw error;
    if (interruption.cause === "SIGPIPE") return 1;
    process.stderr.write(`${describeInterruptedSearch(lock?.target.path)}\n`);
    return 130;
  } finally {
    lock?.release();
  }
}

/** A run that is about to start, and the files that it reads and writes. */
interface Prepared {
  readonly run: Run;
  readonly files: Readonly<Record<string, string | undefined>>;
  readonly picture: Target | undefined;
  readonly lines: LineFile | undefined;
  readonly emit: (event: object) => void;
}

/** Reads and checks whatever can be wrong before training. */
async function prepareRun(flags: TrainFlags, lock: Lock | undefined, interruption: Interruption): Promise<Prepared> {
  const planned = await planRun(flags);
  refuseWithoutEffect(flags, planned);
  const { plot, log, vocabulary } = flags;
  const out = lock?.target.path;
  // Without --out, the resumed checkpoint is overwritten.
  const resume = flags.out === flags.resume ? undefined : flags.resume;
  const { texts, validationTexts, csv, ts } = planned.reads;
  const readings = { ...numbered("text", texts), ...numbered("validation-text", validationTexts), csv, ts };
  const reads = { ...readings, vocabulary, "init-from": flags["init-from"], ...(flags.out ? { resume } : {}) };
  const files = { ...reads, out, "the lock of --out": lock?.path, plot, log };
  await refuseSameFiles(files);
  await refuseOutputFiles({ out, plot });
  const picture = plot === undefined ? undefined : await targetOf(plot);
  if (picture) await checkWritable(picture);
  const lines = log === undefined ? undefined : new LineFile(log);
  // Again, now that the log exists: a file system may treat two names as one.
  if (lines) await refuseSameFiles(files);
  interruption.begin();
  const emit = createEmitter(flags.json, lines);
  try {
    const run = await withEpochs(planned, flags.quiet ?? false, interruption.signal, emit);
    return { run, files, picture, lines, emit };
  } catch (error) {
    if (error instanceof InterruptedSearch && interruption.cause !== "SIGPIPE") {
      const speed = { tokens: 0, seconds: 0 };
      emit(endEvent({ run: planned, ...NOTHING_LEARNED, speed, stopReason: "interrupted" }));
      lines?.close();
    }
    throw error;
  }
}

async function trainPrepared(
  flags: TrainFlags,
  { run: alone, files, picture, lines, emit }: Prepared,
  lock: Lock | undefined,
  interruption: Interruption,
  group: MpiGroup | undefined,
): Promise<number> {
  const run = shared(alone, group);
  const out = lock?.target.path;
  const { signal } = interruption;
  const { model, data, config } = run;
  const checkpointer = lock && new Checkpointer(lock, model, flags["checkpoint-every"]);
  const progress = flags.quiet ? undefined : new ProgressDisplay(config.epochs, unitOf(run), run.reportEvery);
  troubles.prepare = () => progress?.clear();
  emit(startEvent(run));
  if (run.notice !== undefined) progress?.start(run.notice);
  progress?.start(describe(run, out));

  let learned: Learned | undefined;
  let divergence: DivergenceError | undefined;
  const speed = { tokens: 0, seconds: 0 };
  // A run that starts from a checkpoint's parameters is a new run.
  const before = run.options.resume ? progressOf(model) : undefined;
  const tokensBefore = before?.tokens ?? 0;
  let seen = before;
  try {
    for await (const report of train(model, data, { ...run.options, signal, progressInterval: PROGRESS_INTERVAL })) {
      speed.tokens = report.tokens - tokensBefore;
      speed.seconds = report.seconds;
      seen = trainingOf(model)?.progress;
      // Reporting may fail; by then the run is saved.
      await checkpointer?.consider(report);
      if (report.event === "epoch") emit(epochEvent(report));
      progress?.show(report);
    }
    progress?.clear();
    if (speed.tokens === 0) progress?.start(`Nothing left to train: ${adviceAfter(run, progressOf(model))}`);
    const write = async () => checkpointer?.write();
    await (group ? group.together(write) : write());
    learned = await examine(run, signal);
  } catch (error) {
    progress?.clear();
    const canGoOn = signal.aborted || error instanceof WorkerError || error instanceof RankError;
    if (canGoOn && leftTraining(model)) await checkpointer?.write();
    if (error instanceof DivergenceError) {
      divergence = error;
      // A file from which this run can be retried with other options is worth more than the last parameters.
      if (!checkpointer?.hasWritten && flags.out !== undefined) await checkpointer?.write();
    } else if (isLoss(error) || !(signal.aborted || isInterruption(error))) throw error;
  } finally {
    if (interruption.cause === "SIGPIPE") process.exitCode = 1;
    interruption.end();
  }
  if (interruption.cause === "SIGPIPE") return 1;
  const progressMade = progressOf(model) ?? seen;
  const stopReason = stopReasonOf(run, progressMade, learned, divergence);
  const end: End = { run, progress: progressMade, speed, learned, checkpoint: out, stopReason };
  if (picture)
    await attempt(picture.path, async () => {
      // And again, now that all files exist.
      await refuseSameFiles(files);
      await writeWhole(picture, lossPlot(curvesOf(progressMade), `Loss in ${unitOf(run).loss}`));
    });
  emit(endEvent(end));
  if (!flags.json) printReport(end);
  if (lines) await attempt("log", async () => lines.close());
  model.free();
  if (divergence) throw divergence;
  return learned ? 0 : 130;
}

const NOTHING_LEARNED = { progress: undefined, learned: undefined, checkpoint: undefined };

function describeInterruptedSearch(out: string | undefined): string {
  const disk = out === undefined ? "nothing was written" : `${shownPath(out)} was not written`;
  return (
    `Interrupted while the number of epochs was being chosen, before training: ${disk}. ` +
    "The same command begins anew; --epochs N does without the search"
  );
}

/** Files by a flag that may be repeated. One may be read twice, but not written over. */
const numbered = (flag: string, paths: readonly string[]): Record<string, string> =>
  Object.fromEntries([...new Set(paths)].map((path, i) => [i === 0 ? flag : `${flag} (${i + 1})`, path]));

/** Emits events as JSON: to stdout with --json, to a file with --log. */
function createEmitter(json: boolean | undefined, log: LineFile | undefined): (event: object) => void {
  let isLogged = log !== undefined;
  return (event) => {
    const line = toJson(event);
    if (json) process.stdout.write(`${line}\n`);
    if (!isLogged) return;
    try {
      log?.append(line);
    } catch (error) {
      // Later lines would hide the gap.
      isLogged = false;
      recordFailure("log", error);
    }
  };
}

/** Runs an action that the run does not depend on. */
async function attempt(what: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    recordFailure(what, error);
  }
}

/** Records a failure to write a file that the run does not depend on; rethrows any other error. */
function recordFailure(what: string, error: unknown): void {
  if (!(error instanceof WriteError || error instanceof UsageError)) throw error;
  troubles.record(what, error.message);
}

/** Why the run ended. */
function stopReasonOf(
  { config }: Run,
  progress: Progress | undefined,
  learned: Learned | undefined,
  divergence: DivergenceError | undefined,
): StopReason {
  if (divergence) return "diverged";
  if (!learned) return "interrupted";
  return (progress?.epoch ?? 0) < config.epochs ? "patience" : "epochs";
}

/** How to continue a finished run. */
function adviceAfter({ config }: Run, progress: Progress | undefined): string {
  if ((progress?.epoch ?? 0) >= config.epochs) return "raise --epochs to continue";
  const { patience } = config;
  return `the validation loss has not fallen for ${counted(patience, "epoch")}; raise --patience to continue`;
}

/** The progress of the model's stopped run. */
const progressOf = (model: Model): Progress | undefined => leftTraining(model)?.progress;

/** Evaluates what the model has learned from its data. */
async function examine(run: Run, signal: AbortSignal): Promise<Learned> {
  const { model, subject } = run;
  if (subject.kind === "numbers") {
    const { testFraction, testRows } = getSeriesTransform(model).config;
    const isTested = testFraction > 0 || testRows > 0;
    return { kind: "numbers", test: isTested ? backtest(model, subject.table, subject.season) : undefined };
  }
  if (subject.kind === "series") {
    const { forecaster, series } = subject;
    const { testFraction, testRows } = forecaster.settings;
    const isTested = testFraction > 0 || testRows > 0;
    return { kind: "series", scores: isTested ? await forecaster.backtest(series) : undefined };
  }
  if (subject.kind === "sequences") return { kind: "sequences", ...(await judge(run, signal)) };
  const { passage } = subject;
  const { tokens, prediction } = await predictText(run, signal);
  let written = passage.prompt;
  for await (const piece of generate(model, { ...passage, signal })) written += piece;
  return { kind: "text", ...prediction, tokens, passage: written };
}

/** Describes the run that is about to start. */
function describe(run: Run, out: string | undefined): string {
  const { model, data, config, threads, options, subject } = run;
  const { hiddenSize, layers, window } = model.config;
  const { thing } = unitOf(run);
  const { texts, csv, ts } = run.reads;
  // A checkpoint may have named it.
  const path = texts[0] ?? csv ?? ts;
  const from = path === undefined ? "" : texts.length > 1 ? ` of ${texts.length} files` : ` of ${shownPath(path)}`;
  const { validationData } = options;
  const evaluated = validationData === undefined ? "" : `, evaluated on ${counted(validationData.length, thing)}`;
  const detail = subject.kind === "text" ? ` (${count(model.vocabulary.size)} distinct)` : "";
  return (
    `${options.resume ? "Resuming" : "Training"} ${layers === 1 ? "an LSTM layer" : `${layers} LSTM layers`} of ` +
    `${counted(hiddenSize, "unit")}, ${count(model.parameterCount)} parameters, on ${counted(data.length, thing)}${detail}${from}${evaluated}` +
    `${subject.kind === "text" && window > 0 ? ` in windows of ${window}` : ""}, ${counted(config.epochs, "epoch")}, ` +
    `${model.backend} kernels${threads > 1 ? ` on ${threads} threads` : ""}${inProcesses(run)}${out === undefined ? "; pass --out FILE to save the model" : ""}`
  );
}

/** How many processes share the run, if there are several. */
function inProcesses({ config, options }: Run): string {
  const { size = 1 } = options.processGroup ?? {};
  if (size === 1) return "";
  const { gradientShards } = config;
  const idle = gradientShards < size ? ` (${gradientShards} of them at work: raise --gradient-shards)` : "";
  return ` in each of ${size} processes${idle}`;
}
