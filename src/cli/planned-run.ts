import type { LabeledSequences } from "../classification/sequences.js";
import type { Example } from "../data/examples.js";
import type { GenerateOptions } from "../inference/generate-options.js";
import type { ProcessGroup } from "../inference/process-group.js";
import type { Model } from "../model/model.js";
import type { Table } from "../series/forecast.js";
import type { Forecaster } from "../series/forecaster.js";
import type { TimeSeries } from "../tables/time-series.js";
import type { TrainConfig, TrainOptions } from "../training/options.js";
import { resolveRun, threadCount } from "../training/resolve.js";
import { leftRun } from "../training/train.js";

/** A training run that is about to start or resume. */
export interface Run {
  readonly model: Model;
  /** A text's tokens, the windows of a series, or scaled sequences. */
  readonly data: Int32Array | readonly Example[];
  readonly options: TrainOptions;
  readonly config: TrainConfig;
  /** Number of threads. */
  readonly threads: number;
  /** What kind of data they are. */
  readonly subject: Text | Numbers | Forecasting | Sequences;
  /** Epochs per line of progress without a terminal. */
  readonly reportEvery?: number;
  /** A note about the files that were read. */
  readonly notice?: string;
  /** The data's files, by the flags that name them. */
  readonly reads: Reads;
}

/** Files that are read. */
export interface Reads {
  readonly texts: readonly string[];
  readonly validationTexts: readonly string[];
  readonly csv: string | undefined;
  readonly ts?: string | undefined;
}

/** A text, and the passage that the trained model generates. */
export interface Text {
  readonly kind: "text";
  readonly passage: GenerateOptions;
}

/** Series and their forecaster. */
export interface Forecasting {
  readonly kind: "series";
  readonly forecaster: Forecaster;
  readonly series: readonly TimeSeries[];
}

/** A numeric series that is represented by hand. */
export interface Numbers {
  readonly kind: "numbers";
  readonly table: Table;
  readonly series: TimeSeries;
  readonly season?: number;
}

/** Labeled sequences. */
export interface Sequences {
  readonly kind: "sequences";
  readonly sequences: LabeledSequences;
}

/** What the options of a run come to. */
export function resolved(model: Model, data: Run["data"], options: TrainOptions): Pick<Run, "config" | "threads"> {
  const config = resolveRun(model, data, options, options.resume ? leftRun(model).config : undefined);
  const { threads = 0, processGroup } = options;
  return { config, threads: model.engine.isShared ? threadCount(model, data, config, threads, processGroup) : 1 };
}

/** A run that is shared with other processes. */
export function shared(run: Run, processGroup: ProcessGroup | undefined): Run {
  const { model, data } = run;
  const options = { ...run.options, processGroup };
  return processGroup ? { ...run, options, ...resolved(model, data, options) } : run;
}
