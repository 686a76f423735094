import type {
  Backend,
  ForecasterOptions,
  ModelConfig,
  ModelOptions,
  SeriesOptions,
  TrainConfig,
  TrainOptions,
  WordOptions,
} from "lstm-wasm";

// What the page and its worker say to each other.

/** A text or a table, and what it is called. */
export interface Content {
  /** The text itself; for series, CSV. */
  readonly text: string;
  /** The preset whose text it is, or the file that it came from; absent where it was typed or pasted. */
  readonly preset?: string;
  readonly file?: string;
}

/** A new run on a text. */
export interface TextPlan {
  readonly kind: "text";
  readonly content: Content;
  /** How the text is cut into words; absent where it is read by characters. */
  readonly words?: WordOptions;
  readonly model: ModelOptions;
  readonly training: TrainOptions;
}

/** A new run on numeric series. */
export interface SeriesPlan {
  readonly kind: "series";
  readonly content: Content;
  readonly series: SeriesOptions;
  readonly season?: number;
  readonly model: ForecasterOptions;
  readonly training: TrainOptions;
}

export type Plan = TextPlan | SeriesPlan;

/** What is asked of the model's writing. */
export interface GenerateRequest {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly seed: number;
}

export type Command =
  | { readonly type: "start"; readonly kind: Plan["kind"] }
  | { readonly type: "train"; readonly plan: Plan }
  | { readonly type: "pause" }
  /** Without a number of epochs, as many as the run has. */
  | { readonly type: "resume"; readonly epochs?: number }
  | { readonly type: "reset" }
  | { readonly type: "generate"; readonly request: GenerateRequest }
  | { readonly type: "stop" }
  | { readonly type: "forecast"; readonly horizon: number }
  | { readonly type: "save" }
  /** A checkpoint of the user's; `current` is what the page shows, which may be what it was trained on. */
  | { readonly type: "open"; readonly bytes: Uint8Array; readonly current: Content; readonly backend: Backend | "auto" }
  | { readonly type: "continue" }
  | { readonly type: "discard" }
  | { readonly type: "keep" };

/** Where a run stands; `diverged` is one that cannot go on. */
export type Phase = "empty" | "preparing" | "training" | "paused" | "done" | "diverged";

/** What the page shows of a run that is there. */
export interface RunInfo {
  readonly kind: Plan["kind"];
  readonly content: Content;
  readonly level: "char" | "word";
  readonly parameters: number;
  readonly backend: Backend;
  /** How many compute: one where memory cannot be shared. */
  readonly threads: number;
  readonly model: ModelConfig;
  readonly training: TrainConfig;
  readonly series?: { readonly options: SeriesOptions; readonly season?: number };
  /** Why another backend computes than was asked for. */
  readonly note?: string;
}

export interface Progress {
  readonly epoch: number;
  readonly epochs: number;
  readonly trainLoss: number;
  readonly validationLoss?: number;
  readonly tokensPerSecond: number;
  /** Until the run is over. */
  readonly secondsLeft?: number;
}

/** Mean losses by epoch, decimated; validation losses are NaN where there are none. */
export interface Curve {
  readonly epochs: Float64Array;
  readonly training: Float64Array;
  readonly validation: Float64Array;
}

/** What the model writes at an epoch. */
export interface Sample {
  readonly epoch: number;
  readonly text: string;
}

/** How well a trained model foretells its text. */
export interface Learned {
  readonly accuracy: number;
  /** How many tokens were looked at, where the text has more. */
  readonly first?: number;
}

/** The target's values, what the model makes of the held-out rows, and its errors. */
export interface Tested {
  readonly target: string;
  readonly actual: readonly number[];
  /** The first row that was foretold; absent, like all that follows, where none is held out. */
  readonly from?: number;
  readonly predicted?: readonly number[];
  readonly rmse?: number;
  readonly mae?: number;
  readonly persistenceRmse?: number;
  readonly seasonalNaiveRmse?: number;
  /** The season that the naive forecast repeats. */
  readonly season?: number;
}

/** A run of an earlier visit. */
export interface KeptSummary {
  readonly epoch: number;
  readonly epochs: number;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
}

/** What went wrong, and near what it is to be told. */
export interface Failure {
  readonly where: "run" | "data" | "generate" | "checkpoint" | "forecast";
  /** The library's name of the option that cannot be. */
  readonly option?: string;
  readonly message: string;
}

export type Report =
  | { readonly type: "host"; readonly backends: readonly Backend[]; readonly isolated: boolean }
  /** Whether runs are kept between visits, with the reason if not, and the one that is. */
  | { readonly type: "keeping"; readonly problem?: string; readonly kept?: KeptSummary }
  | { readonly type: "phase"; readonly phase: Phase }
  | { readonly type: "run"; readonly run: RunInfo }
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "curve"; readonly curve: Curve }
  | { readonly type: "sample"; readonly sample: Sample }
  | { readonly type: "learned"; readonly learned: Learned }
  | { readonly type: "tested"; readonly tested: Tested }
  | { readonly type: "forecast"; readonly values: readonly number[] }
  | { readonly type: "written"; readonly piece: string; readonly isOver: boolean }
  | { readonly type: "file"; readonly bytes: Uint8Array<ArrayBuffer>; readonly name: string }
  | { readonly type: "failure"; readonly failure: Failure };
