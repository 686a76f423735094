import { type Unzipped, unzipSync, zipSync } from "fflate";
import { createModel } from "../../src/index.js";
import { fixture } from "../bytes.js";
import { mutate, mutateBlindly } from "../checkpoint/mutate.js";
import type { Trial } from "../fuzz/survive.js";
import { wrongFiles } from "../fuzz/wrong-files.js";
import { CheckpointError } from "../internals/checkpoint.js";
import type { Random } from "../internals/common.js";
import { ConversionError, type ImportOptions, importModel, toSafetensors } from "../internals/convert.js";
import { besideFixture } from "./compare.js";
import { mutateJson, mutateNumbers, mutatePickle, mutateProtobuf } from "./mutations.js";

// Files of all formats that convert reads, and how they are damaged.

type Damage = (file: Uint8Array, random: Random) => Uint8Array;

export interface Subject {
  readonly file: string | (() => Promise<Uint8Array>);
  /** What wrong files of its kind are called. */
  readonly kind: string;
  /** One of these, drawn at random. */
  readonly damages: readonly Damage[];
  readonly options?: (random: Random) => ImportOptions;
}

/** Damages a file within a ZIP archive that stays sound; what is no archive, anywhere. */
const within = (name: RegExp, damage: Damage = mutateBlindly): Damage => {
  const unpacked = new WeakMap<Uint8Array, Unzipped | undefined>();
  return (archive, random) => {
    if (!unpacked.has(archive)) unpacked.set(archive, unzipped(archive));
    const files = unpacked.get(archive);
    if (!files) return mutateBlindly(archive, random);
    return zipSync(
      Object.fromEntries(
        Object.entries(files).map(([path, bytes]) => [path, name.test(path) ? damage(bytes, random) : bytes]),
      ),
      { level: 0 },
    );
  };
};

function unzipped(archive: Uint8Array): Unzipped | undefined {
  try {
    return unzipSync(archive);
  } catch {
    return undefined;
  }
}

const whole: Damage = (file) => file;
/** Faults anywhere, and those that the format's grammar has places for. */
const json = [mutateBlindly, mutateJson];
const zip = [mutateBlindly, mutateNumbers];
const hdf5 = [mutateBlindly, mutateNumbers];
const pickle = [mutateBlindly, mutatePickle];
const protobuf = [mutateBlindly, mutateProtobuf, mutateProtobuf];
/** The files of a folder, each read from the disk once. */
function folder(name: string): (file: string) => Promise<Uint8Array | undefined> {
  const files = new Map<string, Promise<Uint8Array | undefined>>();
  return (file) => {
    if (!files.has(file)) {
      // Damaged names would fill the memory.
      if (files.size > 1000) files.clear();
      files.set(
        file,
        besideFixture(name)(file).catch(() => undefined),
      );
    }
    return files.get(file)!;
  };
}
const ml5 = folder("ml5");
const tensorFlowJs = folder("tensorflowjs");

export const SUBJECTS: Readonly<Record<string, Subject>> = {
  safetensors: { kind: "safetensors", file: "pytorch-tokens.safetensors", damages: [mutate] },
  "a checkpoint with int8 weights": { kind: "checkpoints", file: int8Checkpoint, damages: [mutate] },
  "a .pt": { kind: "pt", file: "pytorch-tokens.pt", damages: zip },
  "the pickle of a .pt": {
    kind: "pt",
    file: "pytorch-checkpoint.pt",
    damages: pickle.map((damage) => within(/data\.pkl$/, damage)),
  },
  "an .h5 of Keras": { kind: "h5", file: "keras-alone.h5", damages: hdf5 },
  "an .h5 of Keras's weights": { kind: "h5", file: "keras-functional.weights.h5", damages: hdf5 },
  // The larger archives are of the same kinds of files.
  "a .keras": { kind: "keras", file: "keras-alone.keras", damages: zip },
  "the configuration of a .keras": {
    kind: "keras",
    file: "keras-tagger.keras",
    damages: json.map((damage) => within(/config\.json$/, damage)),
  },
  "the weights of a .keras": {
    kind: "keras",
    file: "keras-alone.keras",
    damages: hdf5.map((damage) => within(/\.h5$/, damage)),
  },
  "a model.json of TensorFlow.js": {
    kind: "tensorflowjs",
    file: "tensorflowjs/quantized.json",
    damages: json,
    options: () => ({ beside: tensorFlowJs }),
  },
  "an .onnx of PyTorch": { kind: "onnx", file: "onnx-tokens.onnx", damages: protobuf },
  "an .onnx of PyTorch's older exporter": { kind: "onnx", file: "onnx-last-script.onnx", damages: protobuf },
  "an .onnx of tf2onnx": { kind: "onnx", file: "onnx-tf-tagger.onnx", damages: protobuf },
  "an .onnx with Loops": { kind: "onnx", file: "onnx-keras3-steps.onnx", damages: protobuf },
  "an .onnx without LSTM nodes": {
    kind: "onnx",
    file: "onnx-unrolled.onnx",
    damages: protobuf,
    options: () => ({ layers: "node_Split" }),
  },
  "an ml5 manifest": { kind: "ml5", file: "ml5/manifest.json", damages: json, options: () => ({ beside: ml5 }) },
  "an ml5 vocabulary": {
    kind: "vocabularies",
    file: "ml5/manifest.json",
    damages: [whole],
    options: (random) => ({
      beside: async (name) =>
        name === "vocab.json" ? json[random.next() % json.length]!((await ml5(name))!, random) : ml5(name),
    }),
  },
};

async function int8Checkpoint(): Promise<Uint8Array> {
  return toSafetensors(await createModel({ inputSize: 3, hiddenSize: 5, outputSize: 2 }), { dtype: "int8" });
}

/** How the fuzzer damages and reads a subject's file. */
export async function trialOf({ file, kind, damages, options = () => ({}) }: Subject): Promise<Trial> {
  return {
    files: [typeof file === "string" ? await fixture(`convert/${file}`) : await file()],
    corpus: kind === "vocabularies" ? [] : await wrongFiles(kind),
    damage: (bytes, random) => damages[random.next() % damages.length]!(bytes, random),
    read: async (bytes, random) => (await importModel(bytes, { backend: "javascript", ...options(random) })).free(),
    isRefusal: (error) => error instanceof ConversionError || error instanceof CheckpointError,
  };
}
