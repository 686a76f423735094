import { display, displayText, quote } from "../common/show.js";
import type { NextTokenPredictions } from "../inference/evaluate.js";
import type { Model } from "../model/model.js";
import { type Backtest, getSeriesTransform } from "../series/forecast.js";
import { trainingLength } from "../training/dataset.js";
import type { TrainReport } from "../training/train.js";
import type { Progress } from "../training/training-state.js";
import { type Curve, sparkline } from "./chart.js";
import { shownPath } from "./paths.js";
import type { Run } from "./run.js";
import { count, duration, percent, wrapped } from "./terminal.js";

/** The results of a finished run. */
export type Learned =
  | ({ readonly kind: "text"; readonly passage: string } & NextTokenPredictions)
  | {
      readonly kind: "numbers";
      /** Absent if no rows are held out. */
      readonly test: Backtest | undefined;
    };

/** A run that has ended. */
export interface End {
  readonly run: Run;
  /** Absent if it ended before its first update. */
  readonly progress: Progress | undefined;
  /** What this process trained, and the time spent in training alone. */
  readonly speed: { readonly tokens: number; readonly seconds: number };
  /** Absent if it was interrupted. */
  readonly learned: Learned | undefined;
  readonly checkpoint: string | undefined;
}

/** Names for a run's data and loss. */
export interface Unit {
  /** The items of the data. */
  readonly things: string;
  /** The unit of the loss. */
  readonly loss: string;
  /** Whether the loss is also shown in bits. */
  readonly bits: boolean;
}

export function unitOf({ model, subject }: Run): Unit {
  if (subject.kind === "numbers") return { things: "windows of rows", loss: "squared scaled units", bits: false };
  const thing = model.vocabulary.level === "char" ? "character" : "word";
  return { things: `${thing}s`, loss: `nats per ${thing}`, bits: thing === "character" };
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

export function endEvent({ progress, speed, learned, checkpoint }: End): object {
  const { tokens, seconds } = speed;
  return {
    event: "end",
    epochs: progress?.epoch ?? 0,
    trainLoss: progress?.trainLosses.at(-1),
    validationLoss: bestValidation(progress),
    ...(learned?.kind === "text" ? { accuracy: learned.accuracy, sampledAccuracy: learned.sampledAccuracy } : {}),
    ...(learned?.kind === "numbers" ? { test: learned.test && testEvent(learned.test) } : {}),
    seconds,
    tokensPerSecond: seconds > 0 ? tokens / seconds : undefined,
    checkpoint,
    ...(learned?.kind === "text" ? { sample: learned.passage } : {}),
    ...(learned ? {} : { interrupted: true }),
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
  const { run, progress, speed, learned, checkpoint } = end;
  const unit = unitOf(run);
  const lines = learned ? describeLearned(run, learned) : ["Interrupted."];
  for (const { name, values } of curvesOf(progress)) {
    if (values.length === 0) continue;
    const title = name === "training" ? "Loss:             " : "Validation loss:  ";
    const [from, to] = [values[0]!, name === "training" ? values.at(-1)! : bestValidation(progress)!];
    const curve = values.length > 1 ? ` from ${from.toFixed(4)} ${sparkline(values, 40)}` : "";
    const bits = unit.bits ? ` (${(to / Math.LN2).toFixed(4)} bits)` : "";
    lines.push(`${title}${to.toFixed(4)} ${unit.loss}${bits}${curve}`);
  }
  if (progress) {
    const { epoch, step } = progress;
    lines.push(`Training:         ${count(epoch)} epochs, ${count(step)} updates, ${duration(speed.seconds)}`);
  }
  if (speed.seconds > 0)
    lines.push(`Speed:            ${count(speed.tokens / speed.seconds)} tokens/s with ${run.model.backend} kernels`);
  if (checkpoint !== undefined) lines.push(`Checkpoint:       ${shownPath(checkpoint)}`);
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** The tokens of a text that were trained on. */
export function trainingTokens({ data, config }: Run): Int32Array {
  return (data as Int32Array).subarray(0, trainingLength(data.length, config));
}

function describeLearned(run: Run, learned: Learned): string[] {
  const { model } = run;
  if (learned.kind === "numbers") {
    if (!learned.test) return ["No rows were held out for testing (--test-fraction).", ""];
    const { actual, from, rmse, mae, persistenceRmse, seasonalNaiveRmse } = learned.test;
    const { target } = getSeriesTransform(model).config;
    const season = seasonalNaiveRmse === undefined ? [] : [`  seasonal naive RMSE ${seasonalNaiveRmse.toPrecision(4)}`];
    return [
      `${display(target, 100)}, one step ahead, on the ${count(actual.length)} held-out rows (from row ${from + 1}):`,
      `  this model     RMSE ${rmse.toPrecision(4)}, mean absolute error ${mae.toPrecision(4)}`,
      `  persistence    RMSE ${persistenceRmse.toPrecision(4)}`,
      ...season,
      "",
    ];
  }
  const { vocabulary, config } = model;
  const targets = vocabulary.decode(trainingTokens(run).subarray(Math.max(1, config.window)));
  const thing = vocabulary.level === "char" ? "character" : "word";
  return [
    "Ground truth:",
    excerpt(targets),
    "",
    `Sampled prediction of each next ${thing}:`,
    excerpt(learned.sampledText),
    "",
    "Generated by the model alone:",
    excerpt(learned.passage),
    "",
    `Sampled accuracy: ${percent(learned.sampledAccuracy)}`,
    `Arg-max accuracy: ${percent(learned.accuracy)}`,
    `Next ${thing}:${" ".repeat(12 - thing.length)}${quote(lastPiece(model, learned.text))} predicted as the text's last`,
  ];
}

/** The last token of a generated text, as it appears there. */
function lastPiece({ vocabulary }: Model, text: string): string {
  const last = vocabulary.encode(text).at(-1);
  return last === undefined ? "" : vocabulary.decode([last]);
}

/** The validation loss of the model's parameters. */
function bestValidation(progress: Progress | undefined): number | undefined {
  const losses = progress?.validationLosses ?? [];
  return losses.length === 0 ? undefined : losses.reduce((a, b) => Math.min(a, b));
}

/** Characters of a text that the final report shows. */
const SHOWN = 1000;

function excerpt(text: string): string {
  const start = [...text.slice(0, 2 * SHOWN)].slice(0, SHOWN).join("");
  return wrapped(displayText(start.length < text.length ? `${start} …` : text));
}
