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
import { BACKENDS } from "../backends.js";
import { read, type TensorData, write } from "../internals/checkpoint.js";
import { changed, FAULTS, file, floats, inJson, text } from "./faults.js";

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

  test.each(FAULTS)("%s", async (_, change, message) => {
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
