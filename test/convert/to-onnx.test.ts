import { expect, test } from "vitest";
import { createModel } from "../../src/index.js";
import { fixture, jsonFixture } from "../bytes.js";
import { importModel, toOnnx } from "../internals/convert.js";
import { expectOutputs, type Oracle } from "./compare.js";

// test/fixtures/convert/to_onnx.mjs has written these files, and onnxruntime has run them.
const cases = Object.entries(await jsonFixture<Record<string, Oracle>>("convert/ours.json"));

test.each(cases)("%s is what we write, and onnxruntime gives our outputs", async (file, oracle) => {
  const bytes = await fixture(`convert/${file}`);
  const model = await importModel(bytes, { loss: "mse" });
  expectOutputs(model, oracle);
  // What one-hot tokens become is in the graph, but not what is read of it.
  expect(await toOnnx(model, { stateful: file.endsWith("-stateful.onnx") })).toEqual(bytes);
});

test("a bidirectional model has no states between steps", async () => {
  const model = await createModel({ inputSize: 1, hiddenSize: 2, bidirectional: true });
  await expect(toOnnx(model, { stateful: true })).rejects.toThrow("stateful: expected false");
});

test("an option that does not exist is refused", async () => {
  const model = await createModel({ inputSize: 1, hiddenSize: 2 });
  await expect(toOnnx(model, { statefull: true } as object)).rejects.toThrow(/stateful/);
});
