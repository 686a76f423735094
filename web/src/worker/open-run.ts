import {
  type Backend,
  getSeriesTransform,
  getTrainingRun,
  InputError,
  load,
  type Model,
  matchesTrainingData,
  prepareSeries,
  presets,
} from "lstm-wasm";
import { AIRLINE } from "../bundled.js";
import type { Content, Plan } from "../protocol.js";
import { seriesRun, tableOf } from "./new-run.js";
import { type Run, type Source, sourceOf, withNote } from "./run.js";

/** A checkpoint, and what the page shows, which may be what it was trained on. */
export interface Opening {
  readonly kind: Plan["kind"];
  readonly bytes: Uint8Array;
  readonly current: Content;
  readonly backend: Backend | "auto";
}

/**
 * The run of a checkpoint, with the text or table that it was trained on: one that the page knows.
 *
 * @throws InputError where none of them is the one, or there is no run; CheckpointError for a damaged file
 */
export async function openRun({ kind, bytes, current, backend }: Opening): Promise<Run> {
  const model = await load(bytes, { backend: backend === "auto" ? "saved" : backend });
  try {
    if ((model.input.kind === "continuous") !== (kind === "series"))
      throw new InputError(
        `this checkpoint was trained on ${kind === "series" ? "a text: open it under Text" : "a series: open it under Numbers"}`,
      );
    if (!getTrainingRun(model)) throw new InputError("this file holds a model, but no training run to go on with");
    const source = sourceOf(model);
    for (const content of candidates(kind, source, current)) {
      const run = runOn(model, content, source);
      if (run && matchesTrainingData(model, run.data)) return { ...run, ...withNote(model, backend) };
    }
    const name = source.text ?? source.csv;
    const what = kind === "series" ? "table" : "text";
    throw new InputError(
      `this checkpoint was trained on ${name ? `“${name}”` : `another ${what}`}, which the page does not have: choose ` +
        `that ${what} above, as a file or pasted, and open the checkpoint again`,
    );
  } catch (error) {
    model.free();
    throw error;
  }
}

function candidates(kind: Plan["kind"], { preset, text, csv, lowercase }: Source, current: Content): Content[] {
  if (kind === "series") return [named(current, csv), AIRLINE];
  const known = Object.entries(presets).map(([name, { text }]): Content => ({ text, preset: name }));
  const all = [...known.filter((content) => content.preset === preset), named(current, text), ...known];
  return lowercase ? all.map((content) => ({ ...content, text: content.text.toLowerCase() })) : all;
}

/** What the page shows may have been pasted: a checkpoint knows its name. */
const named = (content: Content, file: string | undefined): Content =>
  content.preset || content.file || file === undefined ? content : { ...content, file };

function runOn(model: Model, content: Content, { season }: Source): Run | undefined {
  try {
    if (model.input.kind === "categorical")
      return { kind: "text", content, model, data: model.vocabulary.encode(content.text) };
    const transform = getSeriesTransform(model);
    const prepared = prepareSeries(tableOf(content, transform.config.columns), transform);
    return seriesRun(content, prepared, { model }, season);
  } catch {
    return undefined;
  }
}
