import { expect, test } from "vitest";
import { CheckpointError, characters, createModel, load, save, train } from "../../src/index.js";
import { read } from "../internals/checkpoint.js";
import { ConversionError, importModel, toFloat16, toFloat32, toSafetensors } from "../internals/convert.js";

const text = "the quick brown fox jumps over the lazy dog. ".repeat(4);

async function trained() {
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 5, layers: 2 });
  for await (const _ of train(model, text, { epochs: 1, batchSize: 2 }));
  return model;
}

test("a checkpoint of ours is read and written as it is", async () => {
  const bytes = save(await trained());
  expect(toSafetensors(await importModel(bytes))).toEqual(bytes);
});

test("weightsOnly leaves out the training state", async () => {
  const model = await trained();
  expect(toSafetensors(model, { weightsOnly: true })).toEqual(save(model, { training: false }));
});

test("float16 takes half the room, and is read as rounded", async () => {
  const model = await trained();
  const bytes = toSafetensors(model, { dtype: "float16" });
  const { tensors } = read(bytes);
  expect([...tensors.values()].every(({ dtype }) => dtype === "F16")).toBe(true);
  const loaded = await load(bytes);
  for (const { name } of model.tensors)
    for (const [i, value] of loaded.tensor(name).entries()) {
      const exact = model.tensor(name)[i]!;
      // 11 bits of a significand, or subnormal halves.
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.max(Math.abs(exact) * 2 ** -11, 2 ** -25));
    }
});

test("float16 holds no training state, and no number beyond its range", async () => {
  const model = await trained();
  expect(() => toSafetensors(model, { dtype: "float16", weightsOnly: false })).toThrow("weightsOnly: expected true");
  const bias = model.tensor("linear.bias");
  model.setTensor("linear.bias", bias.fill(65519, 0, 1));
  expect(() => toSafetensors(model, { dtype: "float16" })).not.toThrow();
  model.setTensor("linear.bias", bias.fill(65520, 0, 1));
  expect(() => toSafetensors(model, { dtype: "float16" })).toThrow(ConversionError);
});

test("every half is itself, and between two the nearer is taken, the even one in the middle", () => {
  const halves = Uint16Array.from({ length: 0x7c01 }, (_, bits) => bits);
  const values = toFloat32({ dtype: "F16", shape: [halves.length], data: halves }, "");
  expect(toFloat16(values)).toEqual(halves);
  expect(toFloat16(values.map((value) => -value))).toEqual(halves.map((bits) => bits | 0x8000));
  const middles = Float32Array.from({ length: 0x7bff }, (_, bits) => (values[bits]! + values[bits + 1]!) / 2);
  expect(toFloat16(middles)).toEqual(Uint16Array.from(middles, (_, bits) => bits + (bits % 2)));
  const nearer = middles.map((middle, bits) => middle + (values[bits + 1]! - middle) / 64);
  expect(toFloat16(nearer)).toEqual(Uint16Array.from(nearer, (_, bits) => bits + 1));
});

test("a checkpoint of ours that is damaged is no other program's file", async () => {
  const bytes = save(await createModel({ inputSize: 2, hiddenSize: 3 }));
  const header = new TextDecoder().decode(bytes);
  const at = header.indexOf("lstm-wasm 2") + "lstm-wasm ".length;
  bytes[at] = "9".charCodeAt(0);
  await expect(importModel(bytes)).rejects.toThrow(CheckpointError);
});

test("layers are not taken out of int8 weights", async () => {
  const bytes = toSafetensors(await trained(), { dtype: "int8" });
  await expect(importModel(bytes, { layers: "lstm" })).rejects.toThrow(
    /^layers: expected nothing for a file with int8 weights: convert it to float32 first, got "lstm"$/,
  );
  const floats = toSafetensors(await importModel(bytes));
  expect((await importModel(floats, { layers: "lstm" })).config).toMatchObject({ layers: 2, head: "none" });
});

test("options that a checkpoint of ours settles itself are refused", async () => {
  const bytes = save(await createModel({ inputSize: 2, hiddenSize: 3 }));
  await expect(importModel(bytes, { returnSequences: false })).rejects.toThrow("returnSequences: expected no value");
});
