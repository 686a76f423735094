import type { TrainConfig } from "../config.js";
import type { Prediction } from "../evaluate.js";
import type { Model } from "../model.js";
import type { TrainReport } from "../train.js";
import { count, duration, percent, wrapped } from "./terminal.js";

/** A training run, as far as it has come. */
export interface Run {
  readonly model: Model;
  readonly text: string;
  readonly config: TrainConfig;
  /** The newest report; absent before the first. */
  report?: TrainReport;
  /** What a finished run has learned; absent where it was interrupted. */
  learned?: Prediction & { readonly passage: string };
}

/** What a run writes to stdout. */
export interface Output {
  start(run: Run): void;
  report(report: TrainReport): void;
  end(run: Run): void;
}

/** One JSON object per line. */
export const jsonOutput: Output = {
  start({ model, text, config }) {
    print({
      event: "start",
      tokens: model.vocabulary.encode(text).length,
      vocabularySize: model.vocabulary.size,
      parameters: model.parameterCount,
      backend: model.backend,
      threads: 1,
      config: { ...model.config, ...config },
    });
  },

  report({ event, epoch, step, trainLoss, gradientNorm, learningRate, tokensPerSecond, seconds }) {
    if (event !== "epoch") return;
    print({ event, epoch, step, trainLoss, gradientNorm, learningRate, tokensPerSecond, seconds });
  },

  end({ report, learned }) {
    print({
      event: "end",
      epochs: report?.epochs ?? 0,
      trainLoss: report?.trainLoss,
      accuracy: learned?.accuracy,
      sampledAccuracy: learned?.sampledAccuracy,
      seconds: report?.seconds ?? 0,
      tokensPerSecond: report && report.tokens / report.seconds,
      sample: learned?.passage,
      ...(learned ? {} : { interrupted: true }),
    });
  },
};

/** A closing report in words. */
export const humanOutput: Output = {
  start() {},

  report() {},

  end({ model, text, report, learned }) {
    const lines: string[] = [];
    if (learned) {
      const [first = ""] = text;
      lines.push("Ground truth:", excerpt(text.slice(first.length)), "");
      lines.push("Sampled prediction of each next character:", excerpt(learned.sampledText), "");
      lines.push("Written by the model alone:", excerpt(learned.passage), "");
      lines.push(`Sampled accuracy: ${percent(learned.sampledAccuracy)}`);
      lines.push(`Arg-max accuracy: ${percent(learned.accuracy)}`);
    } else lines.push("Interrupted.");
    if (report) {
      const { trainLoss, epochs, step, tokens, seconds } = report;
      lines.push(`Loss:             ${trainLoss.toFixed(4)} nats per character`);
      lines.push(`Training:         ${count(epochs)} epochs, ${count(step)} updates, ${duration(seconds)}`);
      lines.push(`Speed:            ${count(tokens / seconds)} tokens/s with ${model.backend} kernels`);
    }
    process.stdout.write(`${lines.join("\n")}\n`);
  },
};

function print(object: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(object)}\n`);
}

/** Characters of a text that the closing report shows. */
const SHOWN = 1000;

function excerpt(text: string): string {
  const start = [...text.slice(0, 2 * SHOWN)].slice(0, SHOWN).join("");
  return wrapped(start.length < text.length ? `${start} …` : text);
}
