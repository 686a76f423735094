import { WorkerError } from "../common/errors.js";
import { toJson } from "../common/show.js";
import { predictNextTokens } from "../inference/evaluate.js";
import { generate } from "../inference/generate.js";
import type { Model } from "../model/model.js";
import { backtest, getSeriesTransform } from "../series/forecast.js";
import { train } from "../training/train.js";
import { leftTraining, type Progress } from "../training/training-state.js";
import { lossPlot } from "./chart.js";
import { Checkpointer } from "./checkpointer.js";
import { parseFlags, UsageError } from "./flags.js";
import { Interruption } from "./interruption.js";
import { Lock, releaseAll } from "./lock.js";
import {
  curvesOf,
  type End,
  endEvent,
  epochEvent,
  type Learned,
  printReport,
  startEvent,
  trainingTokens,
  unitOf,
} from "./output.js";
import { refuseSameFiles, shownPath, targetOf, WriteError } from "./paths.js";
import { planRun, type Run } from "./run.js";
import { count, ProgressDisplay } from "./terminal.js";
import { FLAGS, HELP, refuseConflicts, type TrainFlags } from "./train-flags.js";
import { troubles } from "./troubles.js";
import { checkWritable, LineFile, writeWhole } from "./write.js";

/** How often a long epoch is looked at: for the progress bar, and for a checkpoint in its middle. In milliseconds. */
const PROGRESS_INTERVAL = 100;

/** `lstm-wasm train`. */
export async function trainCommand(args: string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const out = flags.out ?? flags.resume;
  for (const name of ["checkpoint-every", "force"] as const)
    if (flags[name] !== undefined && out === undefined)
      throw new UsageError(`--${name} needs --out FILE: where to write the checkpoint`);
  refuseConflicts(flags);
  const interruption = new Interruption(releaseAll);
  let lock: Lock | undefined;
  try {
    // Before anything is read: the other run may be about to write the checkpoint that this one goes on from.
    if (out !== undefined) lock = await Lock.take(await targetOf(out), flags.force);
    return await trainAndReport(flags, lock, interruption);
  } finally {
    lock?.release();
    interruption.end();
  }
}

async function trainAndReport(flags: TrainFlags, lock: Lock | undefined, interruption: Interruption): Promise<number> {
  const run = await planRun(flags);
  const { model, data, config } = run;
  const { plot, log, vocabulary } = flags;
  const out = lock?.target.path;
  // Without --out, the checkpoint that is resumed is the one that is written.
  const resume = flags.out === flags.resume ? undefined : flags.resume;
  const reads = { ...run.reads, vocabulary, "init-from": flags["init-from"], ...(flags.out ? { resume } : {}) };
  const files = { ...reads, out, "out's lock": lock?.path, plot, log };
  await refuseSameFiles(files);
  const picture = plot === undefined ? undefined : await targetOf(plot);
  if (picture) await checkWritable(picture);
  const lines = log === undefined ? undefined : new LineFile(log);
  // Once more of what is open now: a disk may take two names for one.
  if (lines) await refuseSameFiles(files);
  const tell = teller(flags.json, lines);
  const checkpointer = lock && new Checkpointer(lock, model, flags["checkpoint-every"]);
  const progress = flags.quiet ? undefined : new ProgressDisplay(config.epochs, unitOf(run), run.reportEvery);
  troubles.prepare = () => progress?.clear();
  tell(startEvent(run));
  progress?.start(describe(run, out));

  interruption.begin();
  const { signal } = interruption;
  let learned: Learned | undefined;
  const speed = { tokens: 0, seconds: 0 };
  const tokensBefore = progressOf(model)?.tokens ?? 0;
  try {
    for await (const report of train(model, data, { ...run.options, signal, progressInterval: PROGRESS_INTERVAL })) {
      speed.tokens = report.tokens - tokensBefore;
      speed.seconds = report.seconds;
      // What is told may fail. By then the run is on the disk.
      await checkpointer?.consider(report);
      if (report.event === "epoch") tell(epochEvent(report));
      progress?.show(report);
    }
    progress?.clear();
    if (speed.tokens === 0) progress?.start("Nothing is left to train: more --epochs would go on");
    await checkpointer?.write();
    learned = await examine(run, signal);
  } catch (error) {
    progress?.clear();
    const canGoOn = signal.aborted || error instanceof WorkerError;
    if (canGoOn && leftTraining(model)) await checkpointer?.write();
    if (!signal.aborted) throw error;
  } finally {
    if (interruption.cause === "SIGPIPE") process.exitCode = 1;
    interruption.end();
  }
  if (interruption.cause === "SIGPIPE") return 1;
  const progressMade = progressOf(model);
  const end: End = { run, progress: progressMade, speed, learned, checkpoint: out };
  if (picture)
    await attempt(picture.path, async () => {
      // And once more, now that all files are there.
      await refuseSameFiles(files);
      await writeWhole(picture, lossPlot(curvesOf(progressMade), `Loss in ${unitOf(run).loss}`));
    });
  tell(endEvent(end));
  if (!flags.json) printReport(end);
  lines?.close();
  model.free();
  return learned ? 0 : 130;
}

/** Says something to whom it concerns: stdout with --json, a file with --log. */
function teller(json: boolean | undefined, log: LineFile | undefined): (event: object) => void {
  let isLogged = log !== undefined;
  return (event) => {
    const line = toJson(event);
    if (json) process.stdout.write(`${line}\n`);
    if (!isLogged) return;
    try {
      log?.append(line);
    } catch (error) {
      // A line that comes after a gap would be taken for the next one.
      isLogged = false;
      met("log", error);
    }
  };
}

/** Does what the run does not depend on. */
async function attempt(what: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    met(what, error);
  }
}

/** Takes note of an error that concerns a file beside the run; any other is none of these. */
function met(what: string, error: unknown): void {
  if (!(error instanceof WriteError || error instanceof UsageError)) throw error;
  troubles.meet(what, error.message);
}

/** How far the run has come that the model was left with. */
const progressOf = (model: Model): Progress | undefined => leftTraining(model)?.progress;

/** What the model has learned of its data. */
async function examine(run: Run, signal: AbortSignal): Promise<Learned> {
  const { model, subject, config } = run;
  if (subject.kind === "numbers") {
    const held = getSeriesTransform(model).config.testFraction > 0;
    return { kind: "numbers", test: held ? backtest(model, subject.table, subject.season) : undefined };
  }
  const { passage } = subject;
  const tokens = trainingTokens(run);
  const prediction = await predictNextTokens(model, tokens, {
    batchSize: config.batchSize,
    seed: model.config.seed,
    signal,
  });
  let written = passage.prompt;
  for await (const piece of generate(model, { ...passage, signal })) written += piece;
  return { kind: "text", ...prediction, passage: written };
}

/** What is about to happen, in a sentence. */
function describe(run: Run, out: string | undefined): string {
  const { model, data, config, threads, options, subject } = run;
  const { hiddenSize, layers, window } = model.config;
  const things = unitOf(run).things;
  // A checkpoint may have named it.
  const path = run.reads.text ?? run.reads.csv;
  const from = path === undefined ? "" : ` of ${shownPath(path)}`;
  const detail = subject.kind === "text" ? ` (${count(model.vocabulary.size)} distinct)` : "";
  return (
    `${options.resume ? "Going on with" : "Training"} ${layers === 1 ? "an LSTM layer" : `${layers} LSTM layers`} of ` +
    `${hiddenSize} units, ${count(model.parameterCount)} parameters, on ${count(data.length)} ${things}${detail}${from}` +
    `${subject.kind === "text" && window > 0 ? ` in windows of ${window}` : ""}, ${count(config.epochs)} epochs, ` +
    `${model.backend} kernels${threads > 1 ? ` on ${threads} threads` : ""}${out === undefined ? "; --out FILE would keep the model" : ""}`
  );
}
