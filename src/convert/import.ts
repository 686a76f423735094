import { isOwn } from "../checkpoint/check.js";
import { load } from "../checkpoint/load.js";
import { type ByteSource, type BytesSource, toByteSource } from "../checkpoint/safetensors/bytes.js";
import { type OpenSafeTensors, open } from "../checkpoint/safetensors/safetensors.js";
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
import { type Beside, reading, readWhole } from "./beside.js";
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

/** Bytes that tell the formats apart. */
const HEAD = 16;

/**
 * Makes a model of a file of another program, whose format is found out: safetensors, a state_dict of PyTorch, a model
 * of Keras or TensorFlow.js, ONNX, or the manifest of an ml5 charRNN. A checkpoint of this library is read as `load` does.
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
    if (isOwn(found.metadata)) {
      if (settled.layers === undefined) return loadOwn(file, settled);
      refuseInt8(found, settled.layers);
    }
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
    if (names.includes("config.json")) {
      const { readKerasArchive } = await import("./keras-files.js");
      return readKerasArchive(bytes, layers, onNote);
    }
    throw new ConversionError("the archive", "it is neither of PyTorch nor of Keras");
  }
  if (startsWith(head, HDF5)) {
    const { readKerasHdf5 } = await import("./keras-files.js");
    return readKerasHdf5(bytes, layers, onNote);
  }
  if (startsWith(head, PICKLE))
    throw new ConversionError(
      "the file",
      "a pickle, as PyTorch wrote before 1.6: load it there and torch.save it anew",
    );
  if (/^\s*\{/.test(String.fromCharCode(...head))) {
    const json = parseFile("the file", bytes);
    const { isLayersModel, readTensorFlowJs } = await import("./tensorflow-js.js");
    if (isLayersModel(json)) return readTensorFlowJs(json, reading(beside), layers, onNote);
    const { isManifest, readMl5 } = await import("./ml5.js");
    if (isManifest(json)) {
      if (layers !== undefined) throw new OptionError("layers", "nothing for a charRNN, which is read whole", layers);
      return readMl5(json, reading(beside), onNote);
    }
  }
  if (isOnnx(head)) {
    const { readOnnx } = await import("./onnx.js");
    return readOnnx(bytes, layers);
  }
  throw new ConversionError("the file", `its format is not known; expected ${FORMATS}`);
}

const FORMATS =
  "safetensors, a .pt of PyTorch, a .keras or .h5 of Keras, the model.json of TensorFlow.js, an .onnx or the manifest.json of an ml5 charRNN";

const ZIP = [0x50, 0x4b];
const HDF5 = [0x89, 0x48, 0x44, 0x46];
/** Protocol 2 and later. */
const PICKLE = [0x80];
const OPENING_BRACE = 0x7b;

const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean =>
  start.every((byte, i) => bytes[i] === byte);

/** Its first field is the version of the format, a number that has one byte. */
const isOnnx = (head: Uint8Array): boolean =>
  head[0] === 0x08 && head[1]! > 0 && head[1]! < 0x80 && (head[2]! & 7) === 2;

/** Eight bytes of a length below 2³², then a header. */
const isSafetensors = (head: Uint8Array): boolean =>
  head[8] === OPENING_BRACE && head.subarray(4, 8).every((byte) => byte === 0);

/** @throws OptionError where the layers of a checkpoint of this library cannot be taken out */
function refuseInt8({ tensors }: OpenSafeTensors, layers: string): void {
  if ([...tensors.values()].some(({ dtype }) => dtype === "I8"))
    throw new OptionError("layers", "nothing for a file with int8 weights: convert it to float32 first", layers);
}

async function loadOwn(
  file: ByteSource,
  { vocabulary, classes, loss, returnSequences, backend }: Settled,
): Promise<Model> {
  const given = { classes: classes.length > 0 ? classes : undefined, loss, returnSequences };
  for (const [option, value] of Object.entries(given))
    if (value !== undefined) throw new OptionError(option, "no value for a checkpoint of this library", value);
  return load(file, { vocabulary, backend });
}
