import { type Backend, generate, InputError, type Model } from "lstm-wasm";
import { getTrainingRun, matchesTrainingData } from "lstm-wasm/inspect";
import { presets } from "lstm-wasm/presets";
import type { Content, RunKind } from "../../common/protocol.js";
import { type Run, type Source, sourceOf, withNote } from "../run/run.js";
import { readModel } from "./read-model.js";

/** The files of a model to open. `current` is the data in the page, which may be what it was trained on. */
export interface OpenRequest {
  readonly kind: RunKind;
  readonly files: readonly File[];
  readonly current: Content;
  readonly backend: Backend | "auto";
}

/**
 * Loads a checkpoint, and finds its training data among those that the page has. A text's model opens without them, and
 * without a run: it can generate and be looked into. So do models of other programs, which are converted, and those that
 * generate no text, which predict; a forecaster forecasts any table with its columns.
 *
 * @throws InputError where no table has a series' columns, or for a file of no known kind; CheckpointError for a damaged one
 */
export async function openRun({ kind, files, current, backend }: OpenRequest): Promise<Run> {
  const { model, notes } = await readModel(files, backend);
  try {
    const hasRun = getTrainingRun(model) !== undefined;
    const isOfText = model.reads === "tokens";
    if (kind === "series" && isOfText) throw new InputError("this model reads text: open it on the Text tab");
    if (kind === "text" && !isOfText && hasRun)
      throw new InputError("this checkpoint was trained on a numeric series: open it on the Numbers tab");
    const source = sourceOf(model);
    if (kind === "series") {
      const { openSeriesRun } = await import("../series/open-series-run.js");
      return { ...openSeriesRun(model, source, withFile(current, source.csv)), ...withNote(model, backend) };
    }
    if (hasRun)
      for (const content of candidates(source, current)) {
        const run = runOn(model, content);
        if (run && matchesTrainingData(model, run.data)) return { ...run, isOpened: true, ...withNote(model, backend) };
      }
    return await modelAlone(model, current, hasRun ? [missingData(source)] : notes.map(asSentence));
  } catch (error) {
    model.free();
    throw error;
  }
}

/** Characters of a text for a model that is only looked into. */
const MOST_READ = 1_000_000;

/** Fewest tokens of the page's text that are worth reading, and how many the model writes itself in place of fewer. */
const FEWEST_READ = 40;
const WRITTEN = 600;

/** A model without a run. It reads what the page has, as far as it knows the characters, else what it writes itself. */
async function modelAlone(model: Model, current: Content, notes: readonly string[]): Promise<Run> {
  const note = notes.join(" ");
  const alone = { kind: "text", model, isOpened: true, isModelOnly: true, ...(note ? { note } : {}) } as const;
  if (!model.isLanguageModel) return { ...alone, content: current, data: new Int32Array(0) };
  const { vocabulary } = model;
  const data = vocabulary.encode(vocabulary.filterKnown(current.text.slice(0, MOST_READ)));
  if (data.length >= FEWEST_READ) return { ...alone, content: current, data };
  let text = vocabulary.decode(Int32Array.of(0));
  for await (const token of generate(model, { prompt: text, maxTokens: WRITTEN })) text += token;
  return { ...alone, content: { text: "" }, data: vocabulary.encode(text) };
}

const asSentence = (note: string): string => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`;

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
