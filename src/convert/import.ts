import { isOwn, load } from "../checkpoint/checkpoint.js";
import { type ByteSource, type BytesSource, toByteSource } from "../checkpoint/safetensors/bytes.js";
import { open } from "../checkpoint/safetensors/safetensors.js";
import { OptionError } from "../common/errors.js";
import {
  type OptionSpec,
  type OptionsOf,
  optionalBoolean,
  other,
  type SettledOptions,
  settle,
} from "../common/options.js";
import type { Vocabulary } from "../data/vocabulary.js";
import { checkVocabulary, type Model } from "../model/model.js";
import { CREATE_OPTIONS, MODEL_OPTIONS } from "../model/options.js";
import type { LossName } from "../network/loss.js";
import { build } from "./build.js";
import { ConversionError } from "./conversion-error.js";
import type { Description } from "./description.js";
import { parseFile } from "./json.js";
import { readSafetensors } from "./safetensors.js";
import { zipNames } from "./zip.js";

const func =
  <Signature>(expected: string): OptionSpec<Signature | undefined>["check"] =>
  (option, value) => {
    if (typeof value === "function") return value as Signature;
    throw new OptionError(option, expected, value);
  };

/** Reads a file by its name; undefined where there is none. */
export type Beside = (name: string) => BytesSource | undefined | Promise<BytesSource | undefined>;

/** How a foreign model is read, and what its file may leave open. */
export const IMPORT_OPTIONS = {
  /**
   * Takes these LSTM layers alone, without what comes before and after: names or their beginnings, separated by commas.
   */
  layers: other<string | undefined>((option, value) => {
    if (typeof value === "string" && value !== "") return value;
    throw new OptionError(option, "names of layers, separated by commas", value);
  }),
  /** Tokens of the model, in the order of their indices. Default: those in the file or, with an embedding, numbers. */
  vocabulary: other<Vocabulary | undefined>(checkVocabulary),
  /** Names of the classes, for sequence classification. */
  classes: other<readonly string[]>(MODEL_OPTIONS.classes.check, { default: [] }),
  /** Loss function, where the file does not imply it. Default cross-entropy for tokens and classes, else mse. */
  loss: { ...MODEL_OPTIONS.loss, default: undefined } as OptionSpec<LossName | undefined>,
  /** Whether every step has an output, or only the last. Default: as the file says, or every step. */
  returnSequences: optionalBoolean({}),
  ...CREATE_OPTIONS,
  /** Reads a file that lies beside, by its name, for a format of several files. */
  beside: other<Beside | undefined>(func("a function of a file's name")),
  /** Receives a line about each thing that was damaged and could be repaired. */
  onNote: other<((note: string) => void) | undefined>(func("a function")),
};

/** Options of {@link importModel}. */
export interface ImportOptions extends OptionsOf<typeof IMPORT_OPTIONS> {}

type Settled = SettledOptions<typeof IMPORT_OPTIONS>;

/** Most bytes of a file that is read whole, and of one that lies beside. */
const LARGEST = 2 ** 31 - 1;
/** Bytes that tell the formats apart. */
const HEAD = 16;

/**
 * Makes a model of a file of another program, whose format is found out: safetensors, a state_dict of PyTorch, or the
 * manifest of an ml5 charRNN. A checkpoint of this library is read as `load` does.
 *
 * @throws ConversionError for a file that is damaged, of no known format, or of a network that no model can be
 * @throws MissingPackageError where a package that reads the format is not installed
 * @throws CheckpointError for a damaged safetensors file
 * @throws OptionError for an option that does not fit the file
 */
export async function importModel(source: BytesSource, options: ImportOptions = {}): Promise<Model> {
  const settled = settle(IMPORT_OPTIONS, options);
  const file = toByteSource(source);
  const head = await file.read(0, Math.min(HEAD, file.size));
  if (isSafetensors(head)) {
    const found = await open(file);
    if (isOwn(found.metadata) && settled.layers === undefined) return loadOwn(file, settled);
    return build(await readSafetensors(found, settled.layers), settled);
  }
  return build(await read(head, await readWhole("the file", file), settled), settled);
}

async function read(head: Uint8Array, bytes: Uint8Array, options: Settled): Promise<Description> {
  const { layers, beside, onNote = () => {} } = options;
  if (startsWith(head, ZIP)) {
    const names = await zipNames(bytes);
    if (names.some((name) => name.endsWith("/data.pkl"))) {
      const { readPyTorch } = await import("./pytorch.js");
      return readPyTorch(bytes, layers);
    }
    throw new ConversionError("the archive", "it is not of PyTorch");
  }
  if (startsWith(head, PICKLE))
    throw new ConversionError(
      "the file",
      "a pickle, as PyTorch wrote before 1.6: load it there and torch.save it anew",
    );
  if (/^\s*\{/.test(String.fromCharCode(...head))) {
    const json = parseFile("the file", bytes);
    const { isManifest, readMl5 } = await import("./ml5.js");
    if (isManifest(json)) {
      if (layers !== undefined) throw new OptionError("layers", "nothing for a charRNN, which is read whole", layers);
      return readMl5(json, reading(beside), onNote);
    }
  }
  throw new ConversionError("the file", `its format is not known; expected ${FORMATS}`);
}

const FORMATS = "safetensors, a .pt of PyTorch or the manifest.json of an ml5 charRNN";

const ZIP = [0x50, 0x4b];
/** Protocol 2 and later. */
const PICKLE = [0x80];
const OPENING_BRACE = 0x7b;

const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean =>
  start.every((byte, i) => bytes[i] === byte);

/** Eight bytes of a length below 2³², then a header. */
const isSafetensors = (head: Uint8Array): boolean =>
  head[8] === OPENING_BRACE && head.subarray(4, 8).every((byte) => byte === 0);

async function loadOwn(
  file: ByteSource,
  { vocabulary, classes, loss, returnSequences, backend }: Settled,
): Promise<Model> {
  const given = { classes: classes.length > 0 ? classes : undefined, loss, returnSequences };
  for (const [option, value] of Object.entries(given))
    if (value !== undefined) throw new OptionError(option, "no value for a checkpoint of this library", value);
  return load(file, { vocabulary, backend });
}

async function readWhole(name: string, source: ByteSource): Promise<Uint8Array> {
  const { size } = source;
  if (size > LARGEST) throw new ConversionError(name, `it has ${size} bytes; the limit is ${LARGEST}`);
  const bytes = await source.read(0, size);
  if (bytes?.length !== size) throw new ConversionError(name, `expected ${size} bytes, got ${bytes?.length}`);
  return bytes;
}

/** Reads files that lie beside, none elsewhere. */
function reading(beside: Settled["beside"]): (name: string) => Promise<Uint8Array> {
  return async (name) => {
    if (!beside) throw new OptionError("beside", `a function that reads ${name}, which belongs to the model`, beside);
    if (!/^[^/\\]+$/.test(name) || /^\.+$/.test(name))
      throw new ConversionError(name, "a file that does not lie beside the model");
    const file = await beside(name);
    if (file === undefined) throw new ConversionError(name, "it belongs to the model, but does not lie beside it");
    return readWhole(name, toByteSource(file));
  };
}
