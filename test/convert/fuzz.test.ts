import { type Unzipped, unzipSync, zipSync } from "fflate";
import { expect, inject, test } from "vitest";
import { createModel } from "../../src/index.js";
import { fixture } from "../bytes.js";
import { mutate, mutateBlindly } from "../checkpoint/mutate.js";
import { survive } from "../fuzz/survive.js";
import { CheckpointError } from "../internals/checkpoint.js";
import type { Random } from "../internals/common.js";
import { ConversionError, type ImportOptions, importModel, toSafetensors } from "../internals/convert.js";
import { besideFixture } from "./compare.js";
import { mutateJson, mutateNumbers, mutatePickle, mutateProtobuf } from "./mutations.js";

// npm run fuzz -- --runs 1000000 convert
const RUNS = inject("fuzzRuns") || 80;
const FROM = inject("fuzzFrom");
type Damage = (file: Uint8Array, random: Random) => Uint8Array;

interface Subject {
  readonly file: string | (() => Promise<Uint8Array>);
  /** One of these, drawn at random. */
  readonly damages: readonly Damage[];
  readonly options?: (random: Random) => ImportOptions;
}

/** Damages a file within a ZIP archive that is sound. */
const within = (name: RegExp, damage: Damage = mutateBlindly): Damage => {
  const unpacked = new WeakMap<Uint8Array, Unzipped>();
  return (file, random) => {
    if (!unpacked.has(file)) unpacked.set(file, unzipSync(file));
    const files = Object.entries(unpacked.get(file)!);
    return zipSync(
      Object.fromEntries(files.map(([path, bytes]) => [path, name.test(path) ? damage(bytes, random) : bytes])),
      { level: 0 },
    );
  };
};

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

const SUBJECTS: Readonly<Record<string, Subject>> = {
  safetensors: { file: "pytorch-tokens.safetensors", damages: [mutate] },
  "a checkpoint with int8 weights": { file: int8Checkpoint, damages: [mutate] },
  "a .pt": { file: "pytorch-tokens.pt", damages: zip },
  "the pickle of a .pt": {
    file: "pytorch-checkpoint.pt",
    damages: pickle.map((damage) => within(/data\.pkl$/, damage)),
  },
  "an .h5 of Keras": { file: "keras-alone.h5", damages: hdf5 },
  "an .h5 of Keras's weights": { file: "keras-functional.weights.h5", damages: hdf5 },
  "a .keras": { file: "keras-tagger.keras", damages: zip },
  "the configuration of a .keras": {
    file: "keras-tagger.keras",
    damages: json.map((damage) => within(/config\.json$/, damage)),
  },
  "the weights of a .keras": { file: "keras-alone.keras", damages: hdf5.map((damage) => within(/\.h5$/, damage)) },
  "a model.json of TensorFlow.js": {
    file: "tensorflowjs/quantized.json",
    damages: json,
    options: () => ({ beside: tensorFlowJs }),
  },
  "an .onnx of PyTorch": { file: "onnx-tokens.onnx", damages: protobuf },
  "an .onnx of PyTorch's older exporter": { file: "onnx-last-script.onnx", damages: protobuf },
  "an .onnx of tf2onnx": { file: "onnx-tf-tagger.onnx", damages: protobuf },
  "an .onnx with Loops": { file: "onnx-keras3-steps.onnx", damages: protobuf },
  "an .onnx without LSTM nodes": {
    file: "onnx-unrolled.onnx",
    damages: protobuf,
    options: () => ({ layers: "node_Split" }),
  },
  "an ml5 manifest": { file: "ml5/manifest.json", damages: json, options: () => ({ beside: ml5 }) },
  "an ml5 vocabulary": {
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

test.each(Object.entries(SUBJECTS))(
  `%s: ${RUNS} damaged files are each read or refused, in time and memory`,
  {
    timeout: 30_000 + 20 * RUNS,
  },
  async (_, { file, damages, options = () => ({}) }) => {
    const trial = {
      files: [typeof file === "string" ? await fixture(`convert/${file}`) : await file()],
      damage: (bytes: Uint8Array, random: Random) => damages[random.next() % damages.length]!(bytes, random),
      read: async (bytes: Uint8Array, random: Random) =>
        (await importModel(bytes, { backend: "javascript", ...options(random) })).free(),
      isRefusal: (error: unknown) => error instanceof ConversionError || error instanceof CheckpointError,
    };
    const share = await survive(trial, FROM, RUNS);
    // Otherwise the damage is too great, or too small, to test anything.
    expect(share).toBeGreaterThan(0.005);
    expect(share).toBeLessThan(0.95);
  },
);
