import { availableBackends, type Backend, type Example, type Model, type TrainOptions } from "lstm-wasm";
import type { TrainingRun } from "lstm-wasm/inspect";
import { type WordOptions, WordVocabulary } from "lstm-wasm/words";
import { given } from "../../common/content.js";
import type { Content, RunInfo, RunKind } from "../../common/protocol.js";
import type { TableReading } from "../../common/series.js";
import { describePredictor } from "./predictor.js";
import type { SeriesSubject } from "./series-subject.js";

/** A model and its training data. */
export interface Run {
  readonly kind: RunKind;
  readonly content: Content;
  readonly model: Model;
  /** A text's tokens, or a series' windows. */
  readonly data: Int32Array | readonly Example[];
  /** How a new one is to be trained. */
  readonly training?: TrainOptions;
  /** The series, and what is known of them. */
  readonly subject?: SeriesSubject;
  /** Whether it comes from a checkpoint. */
  readonly isOpened?: boolean;
  /** Whether only its model is here, and nothing to train it on any further. */
  readonly isModelOnly?: boolean;
  /** What the user should know of it. */
  readonly note?: string;
}

/** Where a run's data come from, as the command line records it in a checkpoint. */
export interface Source {
  readonly preset?: string;
  readonly text?: string;
  readonly csv?: string;
  /** Of these files, where it is not UTF-8. */
  readonly encoding?: string;
  readonly lowercase?: boolean;
  /** How the table is read. */
  readonly table?: TableReading;
}

/** The command line's metadata key for the source. */
const SOURCE = "source";

/** The encoding of a file's content, as a part of its source. */
export const encodingOf = ({ encoding }: Content): Pick<Source, "encoding"> => (encoding ? { encoding } : {});

/** Records the source of a new model's data. Pasted data have no name, so the command line will ask for the file. */
export function recordSource(model: Model, source: Source): void {
  if (Object.keys(source).length > 0) model.attributes.set(SOURCE, JSON.stringify(source));
}

/** The source that a checkpoint records; empty where it records none. */
export function sourceOf(model: Model): Source {
  try {
    const source: unknown = JSON.parse(model.attributes.get(SOURCE) ?? "{}");
    return typeof source === "object" && source !== null ? source : {};
  } catch {
    return {};
  }
}

/** A model, with a note where it fell back to plain JavaScript. */
export const withNote = (model: Model, requested: Backend | "auto" | undefined): Pick<Run, "model" | "note"> =>
  (requested ?? "auto") === "auto" && availableBackends().every((backend) => backend === "javascript")
    ? { model, note: "WebAssembly is not available here, and plain JavaScript is many times slower." }
    : { model };

/** A run's data, and what to call it: "Hamlet, 25 units". */
export function nameOf({ content, model }: Run): { readonly content: Content; readonly name: string } {
  const { preset, file, text } = content;
  const title = preset ? preset.replace("-", " ") : (file?.replace(/^.*[/\\]/, "") ?? `“${text.trim().slice(0, 20)}…”`);
  const { layers, hiddenSize } = model.config;
  return {
    content,
    name: `${title.charAt(0).toUpperCase()}${title.slice(1)}, ${layers > 1 ? `${layers} × ` : ""}${hiddenSize} units`,
  };
}

export function describeRun(
  run: Run,
  state: TrainingRun | undefined,
  threads: number | undefined,
  round: number,
): RunInfo {
  const { kind, content, model, subject, note, isOpened = false } = run;
  const isText = kind === "text" && model.reads === "tokens";
  const isPredictor = kind === "text" && !model.isLanguageModel;
  return {
    kind,
    content: given(content),
    isOpened,
    round,
    level: isText ? model.vocabulary.level : "char",
    ...(isText && model.vocabulary instanceof WordVocabulary ? { words: splittingOf(model.vocabulary) } : {}),
    ...(isText && model.vocabulary.level === "char" ? { characters: model.vocabulary.tokens.join("") } : {}),
    parameters: model.parameterCount,
    backend: model.backend,
    ...(threads === undefined ? {} : { threads }),
    model: model.config,
    ...(state ? { training: state.options } : {}),
    ...(subject ? { series: subject.info } : {}),
    ...(isPredictor ? { predictor: describePredictor(model) } : {}),
    ...(run.isModelOnly && model.isLanguageModel
      ? {
          prompt: model.vocabulary.decode((run.data as Int32Array).subarray(0, PROMPT)),
          isTrainable: model.dtype === "float32",
        }
      : {}),
    ...(note === undefined ? {} : { note }),
  };
}

/** Tokens of a prompt that a model is opened with. */
const PROMPT = 6;

const splittingOf = ({ lowercase, punctuation }: WordVocabulary): WordOptions => ({ lowercase, punctuation });
