import { type Backend, getTrainingRun, InputError, load, type Model, matchesTrainingData, presets } from "lstm-wasm";
import { AIRLINE } from "../../common/airline.js";
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
 * Loads a checkpoint, and finds its training data among those that the page has.
 *
 * @throws InputError where the data are missing or the file holds no run; CheckpointError for a damaged file
 */
export async function openRun({ kind, bytes, current, backend }: OpenRequest): Promise<Run> {
  const model = await load(bytes, { backend: backend === "auto" ? "saved" : backend });
  try {
    if ((model.input.kind === "continuous") !== (kind === "series"))
      throw new InputError(
        `this checkpoint was trained on ${kind === "series" ? "text: open it on the Text tab" : "a numeric series: open it on the Numbers tab"}`,
      );
    if (!getTrainingRun(model)) throw new InputError("this file holds a model but no training run to resume");
    const source = sourceOf(model);
    for (const content of candidates(kind, source, current)) {
      const run = await runOn(model, content, source);
      if (run && matchesTrainingData(model, run.data)) return { ...run, isOpened: true, ...withNote(model, backend) };
    }
    const name = source.text ?? source.csv;
    const what = kind === "series" ? "table" : "text";
    throw new InputError(
      `this checkpoint was trained on ${name ? `“${name}”` : `another ${what}`}, which this page does not have: choose or ` +
        `paste that ${what} above, then open the checkpoint again`,
    );
  } catch (error) {
    model.free();
    throw error;
  }
}

function candidates(kind: RunKind, { preset, text, csv, lowercase }: Source, current: Content): Content[] {
  if (kind === "series") return [withFile(current, csv), AIRLINE];
  const known = Object.entries(presets).map(([name, { text }]): Content => ({ text, preset: name }));
  const all = [...known.filter((content) => content.preset === preset), withFile(current, text), ...known];
  return lowercase ? all.map((content) => ({ ...content, text: content.text.toLowerCase() })) : all;
}

/** Pasted data have no name of their own; they take the checkpoint's. */
const withFile = (content: Content, file: string | undefined): Content =>
  content.preset || content.file || file === undefined ? content : { ...content, file };

async function runOn(model: Model, content: Content, { season }: Source): Promise<Run | undefined> {
  try {
    if (model.input.kind === "categorical")
      return { kind: "text", content, model, data: model.vocabulary.encode(content.text) };
    const { reopenSeriesRun } = await import("./series-run.js");
    return reopenSeriesRun(model, content, season);
  } catch {
    return undefined;
  }
}
