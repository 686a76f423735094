import { type Backend, InputError, load, type Model, prepareSeries, presets, train, transformOf } from "lstm-wasm";
import { AIRLINE } from "../bundled.js";
import type { Content, Plan } from "../protocol.js";
import { runStateOf } from "./checkpoint-header.js";
import { withFallback } from "./fallback.js";
import { seriesRun, tableOf } from "./new-run.js";
import { type Run, type Source, sourceOf } from "./run.js";

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
 * @throws InputError where none of them is the one, or there is no run; FormatError for a damaged file
 */
export async function openRun(opening: Opening): Promise<Run> {
  const { kind, bytes, current, backend } = opening;
  // Damaged files are refused here, before anything is read out of them.
  const made = await withFallback(backend, (wanted) => load(bytes, { backend: wanted }));
  const { model } = made;
  try {
    const exact = runStateOf(bytes)?.backend;
    if (backend === "auto" && exact && exact !== model.backend) {
      model.free();
      return openRun({ ...opening, backend: exact });
    }
    if ((model.input.kind === "values") !== (kind === "series"))
      throw new InputError(
        `this checkpoint was trained on ${kind === "series" ? "a text: open it under Text" : "a series: open it under Numbers"}`,
      );
    if (!runStateOf(bytes)) throw new InputError("this file holds a model, but no training run to go on with");
    const source = sourceOf(model);
    for (const content of candidates(kind, source, current)) {
      const run = runOn(model, content, source);
      if (run && (await fits(bytes, run))) return { ...run, ...made };
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
    if (model.input.kind === "tokens")
      return { kind: "text", content, model, data: model.vocabulary.encode(content.text) };
    const transform = transformOf(model);
    const prepared = prepareSeries(tableOf(content, transform.config.columns), transform);
    return seriesRun(content, prepared, { model }, season);
  } catch {
    return undefined;
  }
}

/** Whether data are those of a checkpoint's run: a copy of it that has nothing left to train looks at them. */
async function fits(bytes: Uint8Array, { data }: Run): Promise<boolean> {
  const copy = await withFallback("auto", (backend) => load(bytes, { backend }));
  try {
    const epochs = Math.max(1, runStateOf(bytes)!.epoch);
    for await (const _ of train(copy.model, data as Int32Array, { resume: true, epochs, progressInterval: 0 })) break;
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  } finally {
    copy.model.free();
  }
}
