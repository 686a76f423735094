import {
  availableBackends,
  type Backend,
  type Example,
  getSeriesTransform,
  type Model,
  type TrainingRun,
} from "lstm-wasm";
import type { Content, RunInfo } from "../protocol.js";

/** A model with what it is trained on. */
export interface Run {
  readonly kind: RunInfo["kind"];
  readonly content: Content;
  readonly model: Model;
  /** A text's tokens, or the windows of a series. */
  readonly data: Int32Array | readonly Example[];
  readonly season?: number;
  /** Why another backend computes than was asked for. */
  readonly note?: string;
}

/** Where a run's data come from, as the command line keeps it with the model. */
export interface Source {
  readonly preset?: string;
  readonly text?: string;
  readonly csv?: string;
  readonly lowercase?: boolean;
  readonly season?: number;
}

/** The source's key among the model's texts: the command line's. */
const SOURCE = "source";

/** Keeps the source with a new model. What was pasted has no name: the command line then asks for the file. */
export function noteSource(model: Model, source: Source): void {
  if (Object.keys(source).length > 0) model.metadata.set(SOURCE, JSON.stringify(source));
}

/** What a checkpoint says of its data; nothing where it says nothing. */
export function sourceOf(model: Model): Source {
  try {
    const source: unknown = JSON.parse(model.metadata.get(SOURCE) ?? "{}");
    return typeof source === "object" && source !== null ? source : {};
  } catch {
    return {};
  }
}

/** A model, with a note where plain JavaScript computes that nobody asked for. */
export const withNote = (model: Model, wanted: Backend | "auto" | undefined): Pick<Run, "model" | "note"> =>
  (wanted ?? "auto") === "auto" && availableBackends().every((backend) => backend === "javascript")
    ? { model, note: "WebAssembly cannot be used here, so plain JavaScript computes, many times slower." }
    : { model };

/** What the page shows of a run. */
export function describeRun(run: Run, { options, threads }: TrainingRun): RunInfo {
  const { kind, content, model, season, note } = run;
  const isText = kind === "text";
  return {
    kind,
    content,
    level: isText ? model.vocabulary.level : "char",
    parameters: model.parameterCount,
    backend: model.backend,
    threads,
    model: model.config,
    training: options,
    ...(isText ? {} : { series: seriesOf(model, season) }),
    ...(note === undefined ? {} : { note }),
  };
}

function seriesOf(model: Model, season: number | undefined): NonNullable<RunInfo["series"]> {
  const { columns, ...config } = getSeriesTransform(model).config;
  return { options: { ...config, columns: [...columns] }, ...(season === undefined ? {} : { season }) };
}
