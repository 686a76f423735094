import { predict } from "../evaluate.js";
import { generate } from "../generate.js";
import type { Model } from "../model.js";
import { train } from "../train.js";
import type { Progress } from "../training-state.js";
import { lossPlot } from "./chart.js";
import { Checkpointer } from "./checkpointer.js";
import { appendLine, checkWritable, writeWhole } from "./files.js";
import { curvesOf, type End, endEvent, epochEvent, type Learned, printReport, startEvent } from "./output.js";
import { planRun, type Run } from "./run.js";
import { count, ProgressDisplay } from "./terminal.js";
import { FLAGS, HELP, type TrainFlags } from "./train-flags.js";
import { parseFlags, UsageError } from "./usage.js";

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
  const { model, text, config } = run;
  for (const path of [out, flags.plot, flags.log]) if (path !== undefined) await checkWritable(path);
  const tell = teller(flags);
  const checkpointer = out === undefined ? undefined : new Checkpointer(out, model, flags["checkpoint-every"]);
  const progress = flags.quiet ? undefined : new ProgressDisplay(config.epochs);
  tell(startEvent(run));
  progress?.start(describe(run, out));

  const interruption = new AbortController();
  const { signal } = interruption;
  const interrupt = () => interruption.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  let learned: Learned | undefined;
  const speed = { tokens: 0, seconds: 0 };
  const tokensBefore = progressOf(model)?.tokens ?? 0;
  try {
    for await (const report of train(model, text, { ...run.options, signal, progressInterval: PROGRESS_INTERVAL })) {
      speed.tokens = report.tokens - tokensBefore;
      speed.seconds = report.seconds;
      if (report.event === "epoch") tell(epochEvent(report));
      progress?.show(report);
      await checkpointer?.consider(report);
    }
    progress?.clear();
    await checkpointer?.write();
    learned = await examine(run, signal);
  } catch (error) {
    progress?.clear();
    if (!signal.aborted) throw error;
    await checkpointer?.write();
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
  const progressMade = progressOf(model);
  if (flags.plot !== undefined)
    await writeWhole(flags.plot, lossPlot(curvesOf(progressMade), "Loss in nats per character"));
  const end: End = { model, text, progress: progressMade, speed, learned, checkpoint: out };
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
function progressOf({ training }: Model): Progress | undefined {
  return training === undefined || "snapshot" in training ? undefined : training.progress;
}

/** What the model has learned: its predictions on the training text, in training's order, and a passage of its own. */
async function examine({ model, text, config, passage }: Run, signal: AbortSignal): Promise<Learned> {
  const prediction = await predict(model, text, { batchSize: config.batchSize, seed: model.config.seed, signal });
  let written = passage.prompt;
  for await (const piece of generate(model, { ...passage, signal })) written += piece;
  return { ...prediction, passage: written };
}

/** What is about to happen, in a sentence. */
function describe({ model, text, config, options }: Run, out: string | undefined): string {
  const { vocabulary, backend, parameterCount } = model;
  const { hiddenSize, layers } = model.config;
  return (
    `${options.resume ? "Going on with" : "Training"} ${layers === 1 ? "an LSTM layer" : `${layers} LSTM layers`} of ` +
    `${hiddenSize} units, ${count(parameterCount)} parameters, on ${count(vocabulary.encode(text).length)} characters ` +
    `(${vocabulary.size} distinct), ${count(config.epochs)} epochs, ${backend} kernels` +
    (out === undefined ? "; --out FILE would keep the model" : "")
  );
}
