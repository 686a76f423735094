import { characters, createModel, InputError, words } from "lstm-wasm";
import type { RunConfig, TextRunConfig } from "../../common/protocol.js";
import type { Search } from "../../common/series.js";
import { type Run, recordSource, withNote } from "../run/run.js";

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

async function createTextRun({ content, words: splitting, model: options, training }: TextRunConfig): Promise<Run> {
  const { text, preset, file } = content;
  if (text.length === 0) throw new InputError("there is no text yet: paste some, or drop a file");
  const vocabulary = splitting ? words(text, splitting) : characters(text);
  const model = await createModel({ ...options, vocabulary });
  recordSource(model, { ...(preset ? { preset } : file ? { text: file } : {}) });
  return { kind: "text", content, data: vocabulary.encode(text), training, ...withNote(model, options.backend) };
}
