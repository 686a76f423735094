import { type Backend, CheckpointError, InputError, load, type Model } from "lstm-wasm";

/** A model that was read from files. */
export interface ReadModel {
  readonly model: Model;
  /** What was damaged in them and could be repaired. */
  readonly notes: readonly string[];
}

/**
 * Reads a checkpoint of the library, else the files of another program, whose reader is fetched now.
 *
 * @param files those of one model: a format may have several, whose names the main one knows
 * @throws InputError for files that cannot be read, or are of no known format; CheckpointError for a damaged checkpoint
 */
export async function readModel(files: readonly File[], backend: Backend | "auto"): Promise<ReadModel> {
  const main = mainOf(files);
  if (!main) throw new InputError("there is no file in it");
  try {
    return { model: await load(main, { backend: backend === "auto" ? "saved" : backend }), notes: [] };
  } catch (error) {
    if (error instanceof DOMException) throw new InputError(`could not read “${main.name}”: ${error.message}`);
    if (!(error instanceof CheckpointError)) throw error;
    return readForeign(main, files, backend);
  }
}

async function readForeign(main: File, files: readonly File[], backend: Backend | "auto"): Promise<ReadModel> {
  const { ConversionError, importModel } = await import("lstm-wasm/convert");
  const byName = new Map(files.map((file) => [file.name, file]));
  const notes: string[] = [];
  let isIncomplete = false;
  const beside = (name: string) => {
    isIncomplete ||= !byName.has(name);
    return byName.get(name);
  };
  try {
    return { model: await importModel(main, { backend, beside, onNote: (note) => notes.push(note) }), notes };
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    const advice = isIncomplete ? ". Choose all files of the model at once, or drop their folder" : "";
    throw new InputError(`could not open this file. ${capitalized(error.message)}${advice}`);
  }
}

/** Formats of one file. */
const ALONE = /\.(safetensors|pt|pth|keras|h5|hdf5|onnx)$/i;

/** The file that says what the others are. */
function mainOf(files: readonly File[]): File | undefined {
  const named = (pattern: RegExp) => files.find(({ name }) => pattern.test(name));
  if (files.length === 1) return files[0];
  return named(/^(model|manifest)\.json$/i) ?? named(ALONE) ?? named(/(?<!vocab)\.json$/i) ?? files[0];
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
