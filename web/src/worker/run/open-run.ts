import {
  type Backend,
  CheckpointError,
  getTrainingRun,
  InputError,
  load,
  type Model,
  matchesTrainingData,
  presets,
} from "lstm-wasm";
import type { Content, RunKind } from "../../common/protocol.js";
import { type Run, type Source, sourceOf, withNote } from "./run.js";

/** A checkpoint to open. `current` is the data in the page, which may be what it was trained on. */
export interface OpenRequest {
  readonly kind: RunKind;
  readonly bytes: Uint8Array;
  readonly current: Content;
  readonly backend: Backend | "auto";
}

/**
 * Loads a checkpoint, and finds its training data among those that the page has. A text's model opens without them, and
 * without a run: it can generate and be looked into. So does one of series, on any table with its columns. Other programs'
 * models are converted.
 *
 * @throws InputError where no table has a series' columns, or for a file of no known kind; CheckpointError for a damaged one
 */
export async function openRun({ kind, bytes, current, backend }: OpenRequest): Promise<Run> {
  const model = await read(bytes, backend);
  try {
    if ((model.input.kind === "continuous") !== (kind === "series"))
      throw new InputError(
        `this checkpoint was trained on ${kind === "series" ? "text: open it on the Text tab" : "a numeric series: open it on the Numbers tab"}`,
      );
    if (kind === "text" && !model.isLanguageModel)
      throw new InputError("this model reads tokens but writes none: the page has no use for it");
    const source = sourceOf(model);
    if (kind === "series") {
      const { openSeriesRun } = await import("../series/open-series-run.js");
      return { ...openSeriesRun(model, source, withFile(current, source.csv)), ...withNote(model, backend) };
    }
    const hasRun = getTrainingRun(model) !== undefined;
    if (hasRun)
      for (const content of candidates(source, current)) {
        const run = runOn(model, content);
        if (run && matchesTrainingData(model, run.data)) return { ...run, isOpened: true, ...withNote(model, backend) };
      }
    return modelAlone(model, current, hasRun ? missingData(source) : undefined);
  } catch (error) {
    model.free();
    throw error;
  }
}

/** Reads a checkpoint of the library, else a file of another program, whose reader is fetched now. */
async function read(bytes: Uint8Array, backend: Backend | "auto"): Promise<Model> {
  try {
    return await load(bytes, { backend: backend === "auto" ? "saved" : backend });
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    const { ConversionError, importModel } = await import("lstm-wasm/convert");
    try {
      return await importModel(bytes, { backend });
    } catch (other) {
      // A safetensors file is most likely a checkpoint.
      if (!(other instanceof ConversionError) || isSafetensors(bytes)) throw error;
      throw new InputError(`could not open this file. ${other.message.replace(/^./, (first) => first.toUpperCase())}`);
    }
  }
}

/** A safetensors file begins with the length of a JSON object, in eight bytes, and its brace. */
const isSafetensors = (bytes: Uint8Array): boolean => bytes[8] === 0x7b;

/** Characters of a text for a model that is only looked into. */
const MOST_READ = 1_000_000;

/** A model without a run. It reads what the page has, as far as it knows the characters. */
function modelAlone(model: Model, current: Content, note: string | undefined): Run {
  const data = model.vocabulary.encode(model.vocabulary.filterKnown(current.text.slice(0, MOST_READ)));
  return { kind: "text", content: current, model, data, isOpened: true, isModelOnly: true, ...(note ? { note } : {}) };
}

const missingData = ({ text }: Source): string =>
  `This checkpoint was trained on ${text ? `“${text}”` : "another text"}, which this page does not have: choose or ` +
  "paste that text above, then open the checkpoint again to train on.";

function candidates({ preset, text, lowercase }: Source, current: Content): Content[] {
  const known = Object.entries(presets).map(([name, { text }]): Content => ({ text, preset: name }));
  const all = [...known.filter((content) => content.preset === preset), withFile(current, text), ...known];
  return lowercase ? all.map((content) => ({ ...content, text: content.text.toLowerCase() })) : all;
}

/** Pasted data have no name of their own; they take the checkpoint's. */
const withFile = (content: Content, file: string | undefined): Content =>
  content.preset || content.file || file === undefined ? content : { ...content, file };

function runOn(model: Model, content: Content): Run | undefined {
  try {
    return { kind: "text", content, model, data: model.vocabulary.encode(content.text) };
  } catch {
    return undefined;
  }
}
