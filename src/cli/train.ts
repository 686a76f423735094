import { WorkerError } from "../common/errors.js";
import { predictNextTokens } from "../inference/evaluate.js";
import { generate } from "../inference/generate.js";
import type { Model } from "../model/model.js";
import { backtest, getSeriesTransform } from "../series/forecast.js";
import { train } from "../training/train.js";
import { leftTraining, type Progress } from "../training/training-state.js";
import { lossPlot } from "./chart.js";
import { Checkpointer } from "./checkpointer.js";
import { appendLine, checkWritable, refuseSameFiles, writeWhole } from "./files.js";
import { parseFlags, UsageError } from "./flags.js";
import { Interruption } from "./interruption.js";
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
import { planRun, type Run } from "./run.js";
import { count, ProgressDisplay } from "./terminal.js";
import { FLAGS, HELP, type TrainFlags } from "./train-flags.js";

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
  if (flags["checkpoint-every"] !== undefined && out === undefined)
    throw new UsageError("--checkpoint-every needs --out FILE: where to write the checkpoint");
  const run = await planRun(flags);
  const { model, data, config } = run;
  const { plot, log, vocabulary } = flags;
  // Without --out, the checkpoint that is resumed is the one that is written.
  const resume = flags.out === flags.resume ? undefined : flags.resume;
  const reads = { ...run.reads, vocabulary, "init-from": flags["init-from"], ...(flags.out ? { resume } : {}) };
  await refuseSameFiles({ ...reads, out, plot, log });
  for (const path of [out, plot, log]) if (path !== undefined) await checkWritable(path);
  const tell = teller(flags);
  const checkpointer = out === undefined ? undefined : new Checkpointer(out, model, flags["checkpoint-every"]);
  const progress = flags.quiet ? undefined : new ProgressDisplay(config.epochs, unitOf(run), run.reportEvery);
  tell(startEvent(run));
  progress?.start(describe(run, out));

  const interruption = new Interruption();
  const { signal } = interruption;
  let learned: Learned | undefined;
  const speed = { tokens: 0, seconds: 0 };
  const tokensBefore = progressOf(model)?.tokens ?? 0;
  try {
    for await (const report of train(model, data, { ...run.options, signal, progressInterval: PROGRESS_INTERVAL })) {
      speed.tokens = report.tokens - tokensBefore;
      speed.seconds = report.seconds;
      if (report.event === "epoch") tell(epochEvent(report));
      progress?.show(report);
      await checkpointer?.consider(report);
    }
    progress?.clear();
    if (speed.tokens === 0) progress?.start("Nothing is left to train: more --epochs would go on");
    await checkpointer?.write();
    learned = await examine(run, signal);
  } catch (error) {
    progress?.clear();
    const canGoOn = signal.aborted || error instanceof WorkerError;
    if (canGoOn) await checkpointer?.write();
    if (!signal.aborted) throw error;
  } finally {
    if (interruption.cause === "SIGPIPE") process.exitCode = 1;
    interruption.end();
  }
  if (interruption.cause === "SIGPIPE") return 1;
  const progressMade = progressOf(model);
  if (flags.plot !== undefined)
    await writeWhole(flags.plot, lossPlot(curvesOf(progressMade), `Loss in ${unitOf(run).loss}`));
  const end: End = { run, progress: progressMade, speed, learned, checkpoint: out };
  tell(endEvent(end));
  if (!flags.json) printReport(end);
  model.free();
  return learned ? 0 : 130;
}

/** Says something to whom it concerns: stdout with --json, a file with --log. */
function teller({ json, log }: TrainFlags): (event: object) => void {
  return (event) => {
    const line = JSON.stringify(event);
    if (json) process.stdout.write(`${line}\n`);
    if (log !== undefined) appendLine(log, line);
  };
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
  const detail = subject.kind === "text" ? ` (${count(model.vocabulary.size)} distinct)` : "";
  return (
    `${options.resume ? "Going on with" : "Training"} ${layers === 1 ? "an LSTM layer" : `${layers} LSTM layers`} of ` +
    `${hiddenSize} units, ${count(model.parameterCount)} parameters, on ${count(data.length)} ${things}${detail}` +
    `${subject.kind === "text" && window > 0 ? ` in windows of ${window}` : ""}, ${count(config.epochs)} epochs, ` +
    `${model.backend} kernels${threads > 1 ? ` on ${threads} threads` : ""}${out === undefined ? "; --out FILE would keep the model" : ""}`
  );
}
