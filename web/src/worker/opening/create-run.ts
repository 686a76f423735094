import { characters, createModel, InputError, load } from "lstm-wasm";
import { words } from "lstm-wasm/words";
import type { Content, RunConfig, TextRunConfig } from "../../common/protocol.js";
import type { Search } from "../../common/series.js";
import { encodingOf, type Run, recordSource, withNote } from "../run/run.js";

/**
 * Creates a run, ready for its first step.
 *
 * @param signal ends the search for how to represent series
 * @throws OptionError, InputError, BackendError, OutOfMemoryError
 */
export async function createRun(
  config: RunConfig,
  signal: AbortSignal,
  onSearch: (search: Search) => void,
): Promise<Run> {
  if (config.kind === "text") return createTextRun(config);
  const { createSeriesRun } = await import("../series/create-series-run.js");
  return createSeriesRun(config, signal, onSearch);
}

/** The least part of a text's characters that a model should know, to be trained on it. */
const LEAST_KNOWN = 0.9;

/**
 * A run that trains the model of another one further.
 *
 * @param before the other run
 * @param bytes its model, saved
 * @throws InputError for a text that the model knows too little of
 */
export async function createRunOf(before: Run, bytes: Uint8Array, config: RunConfig): Promise<Run> {
  if (config.kind === "text") return createTextRunOf(bytes, config);
  const { createSeriesRunOf } = await import("../series/create-series-run.js");
  return createSeriesRunOf(before, bytes, config);
}

/** Trains a model on another text than its own. What the model does not know of it is left out. */
async function createTextRunOf(
  bytes: Uint8Array,
  { content, model: { backend }, training }: TextRunConfig,
): Promise<Run> {
  const model = await load(bytes, { backend: backend ?? "auto" });
  const { vocabulary } = model;
  const text = vocabulary.filterKnown(content.text);
  if (vocabulary.level === "char" && text.length < LEAST_KNOWN * content.text.length) {
    model.free();
    const share = Math.floor((100 * text.length) / Math.max(1, content.text.length));
    throw new InputError(`the model knows only ${share} % of the text’s characters: choose a text of its kind`);
  }
  const isWhole = text === content.text;
  const known: Content = isWhole
    ? content
    : { text, ...(content.file ? { file: content.file, ...encodingOf(content) } : {}) };
  model.attributes.clear();
  recordSource(model, {
    ...(known.preset ? { preset: known.preset } : known.file ? { text: known.file, ...encodingOf(known) } : {}),
  });
  return { kind: "text", content: known, data: vocabulary.encode(text), training, ...withNote(model, backend) };
}

async function createTextRun({ content, words: splitting, model: options, training }: TextRunConfig): Promise<Run> {
  const { text, preset, file } = content;
  if (text.length === 0) throw new InputError("there is no text yet: paste some, or drop a file");
  const vocabulary = splitting ? words(text, splitting) : characters(text);
  const model = await createModel({ ...options, vocabulary });
  recordSource(model, { ...(preset ? { preset } : file ? { text: file, ...encodingOf(content) } : {}) });
  return { kind: "text", content, data: vocabulary.encode(text), training, ...withNote(model, options.backend) };
}
