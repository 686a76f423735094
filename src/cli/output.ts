import type { Prediction } from "../evaluate.js";
import type { Model } from "../model.js";
import type { TrainReport } from "../train.js";
import type { Progress } from "../training-state.js";
import { type Curve, sparkline } from "./chart.js";
import type { Run } from "./run.js";
import { count, duration, percent, wrapped } from "./terminal.js";

/** What a finished run has to show. */
export type Learned = Prediction & { readonly passage: string };

/** A run that is over. */
export interface End {
  readonly model: Model;
  readonly text: string;
  /** Absent where it was over before its first update. */
  readonly progress: Progress | undefined;
  /** What this process trained, and the time that training alone took. */
  readonly speed: { readonly tokens: number; readonly seconds: number };
  /** Absent where it was interrupted. */
  readonly learned: Learned | undefined;
  readonly checkpoint: string | undefined;
}

// The objects of --json. Other programs rely on these names.

export function startEvent({ model, text, config }: Run): object {
  return {
    event: "start",
    tokens: model.vocabulary.encode(text).length,
    vocabularySize: model.vocabulary.size,
    parameters: model.parameterCount,
    backend: model.backend,
    threads: 1,
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
    accuracy: learned?.accuracy,
    sampledAccuracy: learned?.sampledAccuracy,
    seconds,
    tokensPerSecond: seconds > 0 ? tokens / seconds : undefined,
    checkpoint,
    sample: learned?.passage,
    ...(learned ? {} : { interrupted: true }),
  };
}

/** Both loss curves of a run, by epoch. */
export function curvesOf(progress: Progress | undefined): Curve[] {
  return [
    { name: "training", values: progress?.trainLosses ?? [] },
    { name: "validation", values: progress?.validationLosses ?? [] },
  ];
}

/** The closing report in words, on stdout. */
export function printReport(end: End): void {
  const { model, text, progress, speed, learned, checkpoint } = end;
  const lines: string[] = [];
  const [first = ""] = text;
  if (learned) {
    lines.push("Ground truth:", excerpt(text.slice(first.length)), "");
    lines.push("Sampled prediction of each next character:", excerpt(learned.sampledText), "");
    lines.push("Written by the model alone:", excerpt(learned.passage), "");
    lines.push(`Sampled accuracy: ${percent(learned.sampledAccuracy)}`);
    lines.push(`Arg-max accuracy: ${percent(learned.accuracy)}`);
  } else lines.push("Interrupted.");
  for (const { name, values } of curvesOf(progress)) {
    if (values.length === 0) continue;
    const title = name === "training" ? "Loss:             " : "Validation loss:  ";
    const [from, to] = [values[0]!, name === "training" ? values.at(-1)! : bestValidation(progress)!];
    const curve = values.length > 1 ? ` from ${from.toFixed(4)} ${sparkline(values, 40)}` : "";
    lines.push(`${title}${to.toFixed(4)} nats (${(to / Math.LN2).toFixed(4)} bits) per character${curve}`);
  }
  if (progress) {
    const { epoch, step } = progress;
    lines.push(`Training:         ${count(epoch)} epochs, ${count(step)} updates, ${duration(speed.seconds)}`);
  }
  if (speed.seconds > 0)
    lines.push(`Speed:            ${count(speed.tokens / speed.seconds)} tokens/s with ${model.backend} kernels`);
  if (checkpoint !== undefined) lines.push(`Checkpoint:       ${checkpoint}`);
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** That of the parameters which the model has. */
function bestValidation(progress: Progress | undefined): number | undefined {
  const losses = progress?.validationLosses ?? [];
  return losses.length === 0 ? undefined : losses.reduce((a, b) => Math.min(a, b));
}

/** Characters of a text that the closing report shows. */
const SHOWN = 1000;

function excerpt(text: string): string {
  const start = [...text.slice(0, 2 * SHOWN)].slice(0, SHOWN).join("");
  return wrapped(start.length < text.length ? `${start} …` : text);
}
