import { characters, createModel, save, train } from "../../src/index.js";
import { presets } from "../../src/presets.js";
import { read, type TensorData, write } from "../internals/checkpoint.js";

// Checkpoints that no run writes.

export const { text } = presets.hamlet;

/** A run of two updates, in a file. */
export async function file(): Promise<Uint8Array> {
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 5, layers: 2, embeddingSize: 3 });
  for await (const _ of train(model, text, { epochs: 1, batchSize: 2, sequenceLength: 216 }));
  model.metadata.set("note", "Grüße");
  return save(model);
}

export type Change = (tensors: Map<string, TensorData>, metadata: Map<string, string>) => void;

let whole: Promise<Uint8Array> | undefined;

/** The file with its contents changed. */
export async function changed(change: Change): Promise<Uint8Array> {
  whole ??= file();
  const { tensors, metadata } = read(await whole);
  const [newTensors, newMetadata] = [new Map(tensors), new Map(metadata)];
  change(newTensors, newMetadata);
  return write(newTensors, newMetadata);
}

export const floats = (shape: number[], value = 0): TensorData => ({
  dtype: "F32",
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

/** A change of the JSON object behind a key, such as model or training. */
export const inJson = (key: string, change: (object: Record<string, never>) => void) => {
  return (_: unknown, metadata: Map<string, string>) => {
    const object = JSON.parse(metadata.get(key)!) as Record<string, never>;
    change(object);
    metadata.set(key, JSON.stringify(object));
  };
};

const replaced =
  (name: string, tensor: TensorData): Change =>
  (tensors) =>
    tensors.set(name, tensor);
const without =
  (name: string): Change =>
  (tensors) =>
    tensors.delete(name);
const vocabulary =
  (value: unknown): Change =>
  (_, metadata) =>
    metadata.set("vocabulary", JSON.stringify(value));
const letters = [...characters(text).tokens];

/** What is wrong, the change that makes it so, and what the error says. */
export const FAULTS: readonly (readonly [what: string, change: Change, message: RegExp])[] = [
  ["a missing tensor", without("linear.bias"), /header\["linear\.bias"\]: expected a tensor of shape \[32\], got none/],
  ["a missing layer", without("lstm.weight_hh_l0"), /weight_hh_l0"\]: expected a tensor of shape \[20, 5\], got none/],
  ["a wrong shape", replaced("lstm.weight_ih_l1", floats([20, 6])), /expected .*\[20, 5\], got one of shape \[20, 6\]/],
  ["a vector for a matrix", replaced("linear.weight", floats([32])), /expected .*\[32, 5\], got one of shape \[32\]/],
  [
    "another hidden size",
    replaced("lstm.weight_hh_l0", floats([24, 6])),
    /expected .*\[20, 5\], got one of shape \[24, 6\]/,
  ],
  [
    "NaN",
    replaced("linear.bias", floats([32], Number.NaN)),
    /\["linear\.bias"\]\[0\]: expected a finite number, got NaN/,
  ],
  ["an infinity in a moment", replaced("training.exp_avg.linear.bias", floats([32], Infinity)), /got Infinity/],
  ["integers for weights", replaced("linear.bias", { dtype: "I32", shape: [32], data: new Int32Array(32) }), /got I32/],
  [
    "a later version",
    (_, metadata) => metadata.set("format", "lstm-wasm 3"),
    /expected "lstm-wasm 2".*got "lstm-wasm 3"/,
  ],
  ["a vocabulary that is none", vocabulary({ length: 32 }), /level: expected "word"/],
  ["a vocabulary too small", vocabulary(letters.slice(1)), /expected 32 entries, to match the tensors, got 31/],
  ["a repeated entry", vocabulary([...letters.slice(1), letters[5]]), /is in the vocabulary twice/],
  [
    "an entry __proto__",
    vocabulary([...letters.slice(1), "__proto__"]),
    /entry 31: expected a single character, got "__proto__"/,
  ],
  ["an empty entry", vocabulary([...letters.slice(1), ""]), /entry 31: expected a single character/],
  ["a number as entry", vocabulary([...letters.slice(1), 7]), /entry 31: expected a single character, got 7/],
  ["null as entry", vocabulary([...letters.slice(1), null]), /entry 31: expected a single character, got null/],
  ["broken JSON", (_, metadata) => metadata.set("model", "{"), /model: expected JSON, got "\{"/],
  ["an array for an object", (_, metadata) => metadata.set("model", "[]"), /expected a JSON object/],
  ["deep JSON", (_, metadata) => metadata.set("model", "[".repeat(1e6)), /expected JSON/],
  [
    "a huge hidden size",
    inJson("model", (o) => Object.assign(o, { hiddenSize: 1e9 })),
    /hiddenSize: expected an integer/,
  ],
  [
    "a hidden size beside the tensors'",
    inJson("model", (o) => Object.assign(o, { hiddenSize: 6 })),
    /expected .*\[24, 3\], got one of shape \[20, 3\]/,
  ],
  ["an option that cannot be", inJson("model", (o) => Object.assign(o, { seed: "x" })), /seed: expected an integer/],
  [
    "training's options too",
    inJson("training", (o) => Object.assign(o["config"]!, { dropout: 2 })),
    /dropout: expected/,
  ],
  [
    "a batch beside the state's",
    inJson("training", (o) => Object.assign(o["config"]!, { batchSize: 3 })),
    /\[2, 3, 5\]/,
  ],
  [
    "a negative count",
    inJson("training", (o) => Object.assign(o["progress"]!, { step: -1 })),
    /step: expected an integer/,
  ],
  [
    "no progress",
    inJson("training", (o) => Object.assign(o, { progress: null })),
    /epoch: expected an integer, got none/,
  ],
  ["a fingerprint that is none", inJson("training", (o) => Object.assign(o, { fingerprint: "x" })), /16 hexadecimal/],
  ["missing losses", without("training.train_losses"), /train_losses"\]: expected F64/],
  [
    "a loss too many",
    inJson("training", (o) => Object.assign(o["progress"]!, { epoch: 0 })),
    /expected 0 losses, got 1/,
  ],
  ["a missing generator", without("training.random"), /expected I32 of shape \[4\], not all 0, got none/],
  ["a missing moment", without("training.exp_avg_sq.linear.weight"), /exp_avg_sq\.linear\.weight"\]: expected/],
];
