import { display, displayText, quote } from "../common/show.js";
import type { NextTokenPredictions } from "../inference/evaluate.js";
import type { Model } from "../model/model.js";
import { type Backtest, getSeriesTransform } from "../series/forecast.js";
import { trainingLength } from "../training/dataset.js";
import type { TrainReport } from "../training/train.js";
import { bestEpochOf, type Progress, type StopReason } from "../training/training-state.js";
import { type Curve, sparkline } from "./chart.js";
import { shownPath } from "./paths.js";
import type { Numbers, Run } from "./run.js";
import { count, counted, duration, percent, wrapped } from "./terminal.js";

/** The results of a finished run. */
export type Learned =
  | ({
      readonly kind: "text";
      /** What the model writes by itself. */
      readonly passage: string;
      /** What was predicted: the tokens after the first one or, with a window, after the first ones. */
      readonly tokens: Int32Array;
    } & NextTokenPredictions)
  | {
      readonly kind: "numbers";
      /** Absent if no rows are held out. */
      readonly test: Backtest | undefined;
    };

/** A run that is over. */
export interface End {
  readonly run: Run;
  /** Absent if it ended before its first update. */
  readonly progress: Progress | undefined;
  /** What this process trained, and the time spent in training alone. */
  readonly speed: { readonly tokens: number; readonly seconds: number };
  readonly stopReason: StopReason;
  /** Absent where it was interrupted, or diverged. */
  readonly learned: Learned | undefined;
  readonly checkpoint: string | undefined;
}

/** Names for a run's data and loss. */
export interface Unit {
  /** One of the things that the data consist of. */
  readonly thing: string;
  /** What the loss is measured in. */
  readonly loss: string;
  /** Whether the loss is also shown in bits. */
  readonly bits: boolean;
}

export function unitOf({ model, subject }: Run): Unit {
  if (subject.kind === "numbers") return { thing: "window of rows", loss: "squared scaled units", bits: false };
  const thing = model.vocabulary.level === "char" ? "character" : "word";
  return { thing, loss: `nats per ${thing}`, bits: thing === "character" };
}

// The objects of --json. Other programs rely on these names.

export function startEvent({ model, data, config, threads }: Run): object {
  return {
    event: "start",
    tokens: data.length,
    vocabularySize: model.input.kind === "categorical" ? model.vocabulary.size : 0,
    parameters: model.parameterCount,
    backend: model.backend,
    threads,
    gradientShards: config.gradientShards,
    config: { ...model.config, ...config },
  };
}

export function epochEvent(report: TrainReport): object {
  const { event, epoch, step, trainLoss, validationLoss, gradientNorm, learningRate, tokensPerSecond, seconds } =
    report;
  return { event, epoch, step, trainLoss, validationLoss, gradientNorm, learningRate, tokensPerSecond, seconds };
}

export function endEvent({ progress, speed, learned, checkpoint, stopReason }: End): object {
  const { tokens, seconds } = speed;
  return {
    event: "end",
    epochs: progress?.epoch ?? 0,
    trainLoss: progress?.trainLosses.at(-1),
    validationLoss: bestOf(progress)?.loss,
    bestEpoch: bestOf(progress)?.epoch,
    stopReason,
    ...(learned?.kind === "text" ? { accuracy: learned.accuracy, sampledAccuracy: learned.sampledAccuracy } : {}),
    ...(learned?.kind === "numbers" ? { test: learned.test && testEvent(learned.test) } : {}),
    seconds,
    tokensPerSecond: seconds > 0 ? tokens / seconds : undefined,
    checkpoint,
    ...(learned?.kind === "text" ? { sample: learned.passage } : {}),
    ...(stopReason === "interrupted" ? { interrupted: true } : {}),
  };
}

function testEvent({ actual, rmse, mae, persistenceRmse, seasonalNaiveRmse }: Backtest): object {
  return { rows: actual.length, rmse, mae, persistenceRmse, seasonalNaiveRmse };
}

/** Both loss curves of a run, by epoch. */
export function curvesOf(progress: Progress | undefined): Curve[] {
  return [
    { name: "training", values: progress?.trainLosses ?? [] },
    { name: "validation", values: progress?.validationLosses ?? [] },
  ];
}

/** Prints the final report to stdout. */
export function printReport(end: End): void {
  const { run, progress, speed, learned, checkpoint, stopReason } = end;
  const unit = unitOf(run);
  const lines = learned ? describeLearned(run, learned) : [stopReason === "diverged" ? "Diverged." : "Interrupted."];
  const best = bestOf(progress);
  for (const { name, values } of curvesOf(progress)) {
    if (values.length === 0) continue;
    const title = name === "training" ? "Loss:             " : "Validation loss:  ";
    const [from, to] = [values[0]!, name === "training" || !best ? values.at(-1)! : best.loss];
    const curve = values.length > 1 ? ` from ${from.toFixed(4)} ${sparkline(values, 40)}` : "";
    const bits = unit.bits ? ` (${(to / Math.LN2).toFixed(4)} bits)` : "";
    // Where they differ, each line says whose figure it is.
    const whose =
      !best || best.epoch === progress?.epoch
        ? ""
        : ` in epoch ${count(name === "training" ? progress!.epoch : best.epoch)},`;
    lines.push(`${title}${to.toFixed(4)} ${unit.loss}${bits}${whose}${curve}`);
  }
  if (progress) {
    const { epoch, step } = progress;
    const { epochs, patience } = run.config;
    const why = stopReason === "patience" ? ` of ${count(epochs)}, ended by --patience ${patience}` : "";
    const kept = !best || best.epoch === epoch ? "" : `; the model has the parameters of epoch ${count(best.epoch)}`;
    lines.push(
      `Training:         ${counted(epoch, "epoch")}${why}, ${counted(step, "update")}, ${duration(speed.seconds)}${kept}`,
    );
  }
  if (speed.seconds > 0)
    lines.push(`Speed:            ${count(speed.tokens / speed.seconds)} tokens/s with ${run.model.backend} kernels`);
  if (checkpoint !== undefined) lines.push(`Checkpoint:       ${shownPath(checkpoint)}`);
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Tokens of a text that the closing report is about, at most: its cost must not grow with the text. */
const STRETCH = 100_000;
/** Steps that it takes at most, where each token is predicted from a window of its own. */
const WINDOW_STEPS = 2_000_000;

/** The beginning of what was trained on, as far as it fills the streams of training: each token but the first is predicted. */
export function stretchOf({ model, data, config }: Run): Int32Array {
  const { window } = model.config;
  const most = window > 0 ? Math.max(window + 1, Math.min(STRETCH, Math.ceil(WINDOW_STEPS / window))) : STRETCH;
  const length = Math.min(most, trainingLength(data.length, config));
  const over = window > 0 ? 0 : (length - 1) % config.batchSize;
  return (data as Int32Array).subarray(0, length - over);
}

function describeLearned(run: Run, learned: Learned): string[] {
  const { model } = run;
  if (learned.kind === "numbers") {
    if (!learned.test) return ["No rows were held out for testing (--test-fraction).", ""];
    const { actual, from, rmse, mae, persistenceRmse, seasonalNaiveRmse } = learned.test;
    const { target } = getSeriesTransform(model).config;
    const season = seasonalNaiveRmse === undefined ? [] : [`  seasonal naive RMSE ${seasonalNaiveRmse.toPrecision(4)}`];
    return [
      `${display(target, 100)}, one step ahead, on the ${count(actual.length)} held-out rows (from ${placeOf(run, from)} on):`,
      `  this model     RMSE ${rmse.toPrecision(4)}, mean absolute error ${mae.toPrecision(4)}`,
      `  persistence    RMSE ${persistenceRmse.toPrecision(4)}`,
      ...season,
      "",
    ];
  }
  const { vocabulary, config } = model;
  const { tokens } = learned;
  const start = Math.max(1, config.window);
  const { thing } = unitOf(run);
  const whole = run.data.length;
  const place = tokens.length < whole ? `${thing} ${count(tokens.length)} of ${count(whole)}` : "the text's last";
  return [
    ...(tokens.length < whole ? [`On the first ${count(tokens.length)} of ${counted(whole, thing)}:`, ""] : []),
    "Ground truth:",
    // No more than is shown: a word has at least one character.
    excerpt(vocabulary.decode(tokens.subarray(start, start + SHOWN + 1))),
    "",
    `Sampled prediction of each next ${thing}:`,
    excerpt(learned.sampledText),
    "",
    "Generated by the model alone:",
    excerpt(learned.passage),
    "",
    `Sampled accuracy: ${percent(learned.sampledAccuracy)}`,
    `Arg-max accuracy: ${percent(learned.accuracy)}`,
    `Next ${thing}:${" ".repeat(12 - thing.length)}${quote(lastPiece(model, learned.text))} predicted as ${place}`,
  ];
}

/** A row of a series, by its date where it has one. */
function placeOf({ subject }: Run, row: number): string {
  const { times, frequency } = (subject as Numbers).series;
  return times && frequency ? frequency.format(times[row]!) : `row ${row + 1}`;
}

/** The last token of a generated text, as it appears there. */
function lastPiece({ vocabulary }: Model, text: string): string {
  const last = vocabulary.encode(text).at(-1);
  return last === undefined ? "" : vocabulary.decode([last]);
}

/** The epoch whose parameters the model has, and its loss on the held-out part; undefined without one. */
function bestOf(progress: Progress | undefined): { epoch: number; loss: number } | undefined {
  const epoch = progress ? bestEpochOf(progress) : 0;
  return epoch === 0 ? undefined : { epoch, loss: progress!.validationLosses[epoch - 1]! };
}

/** Characters of a text that the final report shows. */
const SHOWN = 1000;

function excerpt(text: string): string {
  const start = [...text.slice(0, 2 * SHOWN)].slice(0, SHOWN).join("");
  return wrapped(displayText(start.length < text.length ? `${start} …` : text));
}
