import { describe, expect, test } from "vitest";
import { createForecaster, forecast, prepareSeries } from "../../src/forecast.js";
import {
  CharacterVocabulary,
  CheckpointError,
  characters,
  createModel,
  evaluate,
  load,
  save,
  train,
} from "../../src/index.js";
import { presets } from "../../src/presets.js";
import { BACKENDS } from "../backends.js";
import { read, type TensorData, write } from "../internals/checkpoint.js";

const { text } = presets.hamlet;

/** A run of two updates, in a file. */
async function file(): Promise<Uint8Array> {
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 5, layers: 2, embeddingSize: 3 });
  for await (const _ of train(model, text, { epochs: 1, batchSize: 2, sequenceLength: 216 }));
  model.metadata.set("note", "Grüße");
  return save(model);
}

/** The file with its contents changed. */
async function changed(change: (tensors: Map<string, TensorData>, metadata: Map<string, string>) => void) {
  const { tensors, metadata } = read(await file());
  const [newTensors, newMetadata] = [new Map(tensors), new Map(metadata)];
  change(newTensors, newMetadata);
  return write(newTensors, newMetadata);
}

const floats = (shape: number[], value = 0): TensorData => ({
  dtype: "F32",
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

/** A change of the JSON object behind a key, such as model or training. */
const inJson = (key: string, change: (object: Record<string, never>) => void) => {
  return (_: unknown, metadata: Map<string, string>) => {
    const object = JSON.parse(metadata.get(key)!) as Record<string, never>;
    change(object);
    metadata.set(key, JSON.stringify(object));
  };
};

describe("a loaded model", () => {
  test("has the parameters, the configuration, the vocabulary and the metadata", async () => {
    const model = await createModel({ vocabulary: characters(text), hiddenSize: 7, forgetBias: 1, seed: 9 });
    model.metadata.set("note", "Grüße");
    const loaded = await load(save(model));
    expect(loaded.config).toEqual(model.config);
    expect(loaded.vocabulary.tokens).toEqual(model.vocabulary.tokens);
    expect([...loaded.metadata]).toEqual([["note", "Grüße"]]);
    for (const { name } of model.tensors) expect(loaded.tensor(name)).toEqual(model.tensor(name));
    expect(save(loaded)).toEqual(save(model));
  });

  test("keeps the user's metadata apart from the library's, whatever its keys", async () => {
    const table = { y: Float64Array.from({ length: 40 }, (_, i) => Math.sin(i)) };
    const series = prepareSeries(table, { columns: ["y"], target: "y", window: 3 });
    const model = await createForecaster(series, { hiddenSize: 4 });
    const texts = ["series", "source", "model", "training", "library.series", "user.series"].map((key) => [
      key,
      "mine",
    ]);
    for (const [key, value] of texts) model.metadata.set(key!, value!);
    const loaded = await load(save(model));
    expect([...loaded.metadata].sort()).toEqual(texts.sort());
    expect(forecast(loaded, table, 3)).toEqual(forecast(model, table, 3));
  });

  test.each(BACKENDS)("predicts as before, with %s", async (backend) => {
    const model = await createModel({ vocabulary: characters(text), hiddenSize: 7, backend });
    expect(await evaluate(await load(save(model), { backend }), text)).toEqual(await evaluate(model, text));
  });

  test("is smaller without its training state", async () => {
    const bytes = await file();
    const weights = save(await load(bytes), { training: false });
    expect(weights.length).toBeLessThan(bytes.length / 2);
    expect([...read(weights).tensors.keys()].filter((name) => name.startsWith("training."))).toEqual([]);
  });
});

describe("the file", () => {
  test("has PyTorch's names and shapes, its second bias as zeros", async () => {
    const { tensors } = read(await file());
    const shapes = Object.fromEntries(Array.from(tensors, ([name, { shape }]) => [name, shape]));
    expect(shapes).toMatchObject({
      "embedding.weight": [32, 3],
      "lstm.weight_ih_l0": [20, 3],
      "lstm.weight_hh_l0": [20, 5],
      "lstm.bias_ih_l0": [20],
      "lstm.bias_hh_l0": [20],
      "lstm.weight_ih_l1": [20, 5],
      "linear.weight": [32, 5],
      "linear.bias": [32],
    });
    expect(tensors.get("lstm.bias_hh_l1")).toEqual(floats([20]));
  });

  test("of another program, with two biases and a given vocabulary, can be loaded", async () => {
    const bytes = write(
      new Map<string, TensorData>([
        ["lstm.weight_ih_l0", floats([8, 3], 0.5)],
        ["lstm.weight_hh_l0", floats([8, 2], 0.25)],
        ["lstm.bias_ih_l0", floats([8], 1)],
        ["lstm.bias_hh_l0", floats([8], 2)],
        ["linear.weight", floats([3, 2], -1)],
        ["linear.bias", floats([3], 0.125)],
      ]),
    );
    const vocabulary = new CharacterVocabulary(["c", "a", "b"]);
    const model = await load(bytes, { vocabulary });
    expect(model.config).toMatchObject({ hiddenSize: 2, layers: 1, embeddingSize: 0 });
    expect(model.tensor("lstm.bias_ih_l0")).toEqual(new Float32Array(8).fill(3));
    expect(model.tensor("linear.weight")).toEqual(new Float32Array(6).fill(-1));
    await expect(load(bytes)).rejects.toThrow("the tokens as JSON, or the option vocabulary, got neither");
    await expect(load(bytes, { vocabulary: characters("ab") })).rejects.toThrow(
      "3 entries, to match the tensors, got 2",
    );
  });
});

describe("rejects", () => {
  test.each([
    ["a .keras or .pt", [0x50, 0x4b, 3, 4], "a ZIP archive, as .keras and .pt are: convert it"],
    ["an .h5", [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], "an HDF5 file, as .h5 is: convert it"],
  ])("%s, and says what reads it", async (_, magic, message) => {
    const other = new Uint8Array(100).fill(255);
    other.set(magic);
    await expect(load(other)).rejects.toThrow(CheckpointError);
    await expect(load(other)).rejects.toThrow(`file: expected safetensors, got ${message}`);
  });

  type Change = Parameters<typeof changed>[0];
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

  const changes: [what: string, change: Change, message: RegExp][] = [
    [
      "a missing tensor",
      without("linear.bias"),
      /header\["linear\.bias"\]: expected a tensor of shape \[32\], got none/,
    ],
    [
      "a missing layer",
      without("lstm.weight_hh_l0"),
      /weight_hh_l0"\]: expected a tensor of shape \[20, 5\], got none/,
    ],
    [
      "a wrong shape",
      replaced("lstm.weight_ih_l1", floats([20, 6])),
      /expected .*\[20, 5\], got one of shape \[20, 6\]/,
    ],
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
    [
      "integers for weights",
      replaced("linear.bias", { dtype: "I32", shape: [32], data: new Int32Array(32) }),
      /got I32/,
    ],
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

  test.each(changes)("%s", async (_, change, message) => {
    const bytes = await changed(change);
    await expect(load(bytes)).rejects.toThrow(CheckpointError);
    await expect(load(bytes)).rejects.toThrow(message);
  });

  test("an invalid position, once the run is resumed", async () => {
    for (const cursor of [1, 432, 433, 1e9]) {
      const at = inJson("training", (o) => Object.assign(o["progress"]!, { cursor, step: 3 }));
      const model = await load(await changed(at));
      await expect(train(model, text, { resume: true, epochs: 2 }).next()).rejects.toThrow(
        /position is impossible with these data: the checkpoint is damaged/,
      );
    }
  });

  test("a file of another format", async () => {
    for (const bytes of [new Uint8Array(), new TextEncoder().encode("to be or not to be"), (await file()).slice(0, -1)])
      await expect(load(bytes)).rejects.toThrow(CheckpointError);
  });
});
