import { characters, createModel, InputError, words } from "lstm-wasm";
import type { RunConfig, TextRunConfig } from "../../common/protocol.js";
import { type Run, recordSource, withNote } from "./run.js";

/**
 * Creates a run, ready for its first step.
 *
 * @throws OptionError, InputError, BackendError, OutOfMemoryError
 */
export async function createRun(config: RunConfig): Promise<Run> {
  if (config.kind === "text") return createTextRun(config);
  const { createSeriesRun } = await import("./series-run.js");
  return createSeriesRun(config);
}

async function createTextRun({ content, words: splitting, model: options }: TextRunConfig): Promise<Run> {
  const { text, preset, file } = content;
  if (text.length === 0) throw new InputError("there is no text yet: paste some, or drop a file");
  const vocabulary = splitting ? words(text, splitting) : characters(text);
  const model = await createModel({ ...options, vocabulary });
  recordSource(model, { ...(preset ? { preset } : file ? { text: file } : {}) });
  return { kind: "text", content, data: vocabulary.encode(text), ...withNote(model, options.backend) };
}
