import type { Backend, GenerateOptions, ModelConfig, ModelOptions, TrainConfig, TrainOptions } from "lstm-wasm";
import type { FitOptions } from "lstm-wasm/forecast";
import type { WordOptions } from "lstm-wasm/words";
import type { Segment } from "./highlight.js";
import type { Insight } from "./insight.js";
import type { Moment } from "./moment.js";
import type {
  Anomalies,
  Part,
  Scope,
  Search,
  SeriesEvaluation,
  SeriesInfo,
  SeriesInsight,
  SeriesMoment,
  ShownSeries,
  TableChoice,
  TableReading,
  TableReport,
} from "./series.js";

// The messages between the page and its worker: commands one way, reports the other.

/** Training data as text, and its name. */
export interface Content {
  /** The text itself; for series, CSV. */
  readonly text: string;
  /** The preset or the file that it came from; both absent for typed or pasted text. */
  readonly preset?: string;
  readonly file?: string;
  /** Of the file, where it is not UTF-8: a label of TextDecoder. */
  readonly encoding?: string;
  /** The part at its end that the page's own model was not trained on, where the text comes with one. */
  readonly heldOut?: number;
}

/** The same for a long text: its beginning, and all of it in UTF-8. */
export interface LongContent extends Omit<Content, "text"> {
  readonly blob: Blob;
  readonly beginning: string;
  /** Characters in all. */
  readonly length: number;
}

/** Training data on their way between the page and its worker: common/content.ts. */
export type GivenContent = Content | LongContent;

/** A new run on a text. */
export interface TextRunConfig<Data = Content> {
  readonly kind: "text";
  readonly content: Data;
  /** How to split the text into words; absent for characters. */
  readonly words?: WordOptions;
  readonly model: ModelOptions;
  readonly training: TrainOptions;
}

/** A new run on one or many series. */
export interface SeriesRunConfig<Data = Content> {
  readonly kind: "series";
  readonly content: Data;
  readonly table: TableReading;
  readonly fitting: FitOptions;
}

export type RunConfig<Data = Content> = TextRunConfig<Data> | SeriesRunConfig<Data>;
export type RunKind = RunConfig["kind"];

/** A text to generate after a prompt. */
export type GenerateRequest = Omit<GenerateOptions, "signal" | "skipUnknown">;

export type Command =
  | { readonly type: "start"; readonly kind: RunKind }
  /** With `isStep`, for one update; with `goesOn`, of the model that is open, whatever the network in the form. */
  | {
      readonly type: "train";
      readonly config: RunConfig<GivenContent>;
      readonly isStep?: boolean;
      readonly goesOn?: boolean;
    }
  | { readonly type: "pause" }
  /** With options that a run may change; by default, it has its own. */
  | { readonly type: "resume"; readonly options: TrainOptions; readonly isStep?: boolean }
  /** Changes the run under way: its learning rate, or the temperature of its samples. */
  | { readonly type: "adjust"; readonly learningRate?: number; readonly temperature?: number }
  /** How long a run would take here. */
  | { readonly type: "estimate"; readonly config: TextRunConfig<GivenContent> }
  | { readonly type: "reset" }
  | { readonly type: "generate"; readonly request: GenerateRequest }
  | { readonly type: "stop" }
  /** Whether somebody looks inside, and what they want it to read; empty for a passage of its text. */
  | { readonly type: "watch"; readonly isWatching: boolean; readonly words: string }
  /** How a table would be read; the series is drawn. */
  | { readonly type: "table"; readonly request: number; readonly content: GivenContent; readonly choice: TableChoice }
  /** Which series to draw, and which part of it. */
  | { readonly type: "show"; readonly id?: string; readonly part: Part }
  /** Rows to forecast; by default, as many as the model was trained for. */
  | { readonly type: "forecast"; readonly horizon?: number }
  /** The forecasts of all series as CSV. */
  | { readonly type: "forecastFile" }
  /** Marks rows outside their interval, from this score on. */
  | { readonly type: "detect"; readonly scope: Scope; readonly score: number }
  /** Whether somebody looks inside, and after which row the network forecasts. */
  | { readonly type: "inspect"; readonly isOpen: boolean; readonly after?: number }
  | { readonly type: "save" }
  /** The files of a model. `current` is the data in the page, which may be what it was trained on. */
  | {
      readonly type: "open";
      readonly files: readonly File[];
      readonly current: GivenContent;
      readonly backend: Backend | "auto";
    }
  /** Reads a file as text, in this encoding or in the one that it shows. */
  | { readonly type: "read"; readonly request: number; readonly file: File; readonly encoding?: string }
  /** What a model that generates no text is to read: steps, a line each, or tokens. */
  | { readonly type: "predict"; readonly inputs: string }
  /** A saved run: resume it, or delete it. */
  | { readonly type: "continue"; readonly id: string }
  | { readonly type: "discard"; readonly id: string }
  /** Brings back the saved run that was deleted last. */
  | { readonly type: "restore" }
  /** Save the run now: the page may be about to close. */
  | { readonly type: "persist" };

/** The state of a run; one that is `diverged` cannot be resumed. A `model` has no run, or none that its data are here for. */
export type Phase = "empty" | "preparing" | "training" | "paused" | "done" | "diverged" | "model";

/** What the page shows about a run. */
export interface RunInfo {
  readonly kind: RunKind;
  readonly content: GivenContent;
  /** Whether it comes from a checkpoint, and not from the page's form. */
  readonly isOpened: boolean;
  /** Epochs that it was first planned for: as many more are offered at its end. */
  readonly round: number;
  readonly level: "char" | "word";
  /** Of a model that reads characters: those that it knows. */
  readonly characters?: string;
  /** How words are told apart; absent for characters. */
  readonly words?: WordOptions;
  readonly parameters: number;
  readonly backend: Backend;
  /** Threads that compute; absent for a run that was opened and not yet trained. */
  readonly threads?: number;
  readonly model: ModelConfig;
  /** Absent for a model without a run. */
  readonly training?: TrainConfig;
  readonly series?: SeriesInfo;
  /** Of a model that generates no text: what it reads, and an example of it. */
  readonly predictor?: { readonly reads: string; readonly example: string };
  /** Of a model that was opened alone: how a text that it knows begins. */
  readonly prompt?: string;
  /** Whether a model that was opened alone can be trained on the text of the page. */
  readonly isTrainable?: boolean;
  /** Why the backend is a slower one than expected. */
  readonly note?: string;
}

export interface Progress {
  readonly epoch: number;
  readonly epochs: number;
  readonly trainLoss: number;
  readonly validationLoss?: number;
  /** The epoch with the lowest validation loss so far; without held-out data the one that the run went back to as it ended or diverged. */
  readonly bestEpoch?: number;
  /** In the latter case, its training loss. */
  readonly keptLoss?: number;
  readonly tokensPerSecond: number;
  /** Absent once the run has ended. */
  readonly secondsLeft?: number;
}

/** Mean losses by epoch, decimated; a missing validation loss is NaN. */
export interface Curve {
  readonly epochs: Float64Array<ArrayBuffer>;
  readonly training: Float64Array<ArrayBuffer>;
  readonly validation: Float64Array<ArrayBuffer>;
}

/** A model of text at a moment of its training. */
export interface TextMoment extends Moment {
  /** Text that it generated, and the same cut where what is in the training text begins or ends. */
  readonly text: string;
  readonly segments?: readonly Segment[];
  /** What went on in it, where somebody watched. */
  readonly insight?: Insight;
}

/** Accuracy on the training text. */
export interface TextEvaluation {
  readonly accuracy: number;
  /** The number of leading tokens evaluated, where the text has more. */
  readonly first?: number;
}

/** What a model gives at each step that has an output. */
export interface Prediction {
  /** Of tokens or classes: their names; of values, their numbers. */
  readonly names: readonly string[];
  /** Whether they are probabilities. */
  readonly isCategorical: boolean;
  /** The first steps, [steps, names]. */
  readonly values: Float32Array<ArrayBuffer>;
  /** Steps in all. */
  readonly steps: number;
}

/** A run of an earlier visit. */
export interface SavedRun {
  readonly id: string;
  readonly name: string;
  /** Bytes of its checkpoint. */
  readonly size: number;
  readonly epoch: number;
  readonly epochs: number;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
}

/** What went wrong, and where in the page to show it. */
export interface Failure {
  readonly where: "run" | "data" | "generate" | "predict" | "checkpoint" | "forecast" | "anomalies";
  /** The library's name of the invalid option. */
  readonly option?: string;
  readonly message: string;
}

/** A file's text; without one, why it could not be read, or nothing if it is in another encoding. */
export interface FileRead {
  readonly content?: GivenContent;
  readonly problem?: string;
}

export type Report =
  | { readonly type: "host"; readonly backends: readonly Backend[]; readonly isolated: boolean }
  /** The saved runs, the latest first; or why runs are not saved. */
  | { readonly type: "storage"; readonly problem?: string; readonly savedRuns?: readonly SavedRun[] }
  /** Seconds that a run would take here; absent where that is not known. */
  | { readonly type: "estimate"; readonly seconds?: number }
  | { readonly type: "phase"; readonly phase: Phase }
  | { readonly type: "run"; readonly run: RunInfo }
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "curve"; readonly curve: Curve }
  | { readonly type: "moment"; readonly moment: TextMoment }
  | { readonly type: "seriesMoment"; readonly moment: SeriesMoment }
  /** What goes on in the model as it is now. */
  | { readonly type: "insight"; readonly insight: Insight }
  | { readonly type: "textEvaluation"; readonly evaluation: TextEvaluation }
  | { readonly type: "seriesEvaluation"; readonly evaluation: SeriesEvaluation }
  | { readonly type: "table"; readonly table: TableReport }
  | { readonly type: "search"; readonly search: Search }
  | { readonly type: "series"; readonly shown: ShownSeries | undefined }
  | { readonly type: "anomalies"; readonly anomalies: Anomalies }
  | { readonly type: "seriesInsight"; readonly seriesInsight: SeriesInsight | undefined }
  | { readonly type: "prediction"; readonly prediction: Prediction }
  | { readonly type: "generated"; readonly text: string; readonly isDone: boolean }
  | ({ readonly type: "read"; readonly request: number } & FileRead)
  | { readonly type: "file"; readonly blob: Blob; readonly name: string }
  | { readonly type: "failure"; readonly failure: Failure };
