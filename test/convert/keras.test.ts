import { expect, test } from "vitest";
import { train } from "../../src/index.js";
import { fixture, jsonFixture } from "../bytes.js";
import { ConversionError, importModel } from "../internals/convert.js";
import { expectOutputs, type Oracle } from "./compare.js";

interface Case extends Oracle {
  readonly files: readonly string[];
  readonly returnSequences: boolean;
}

const cases = await jsonFixture<Record<string, Case>>("convert/keras.json");

const files = Object.values(cases).flatMap((found) => found.files.map((file) => [file, found] as const));

test.each(files)("%s gives Keras' outputs", async (file, { returnSequences, ...oracle }) => {
  const model = await importModel(await fixture(`convert/${file}`));
  expect(model.config.returnSequences).toBe(returnSequences);
  expectOutputs(model, oracle);
});

test("a model of Keras trains on", async () => {
  const model = await importModel(await fixture("convert/keras-last-value.keras"));
  const examples = [{ inputs: cases["last-value"]!.inputs as number[][], targets: [0.5] }];
  const losses: number[] = [];
  for await (const { trainLoss } of train(model, examples, { epochs: 60, learningRate: 0.01 })) losses.push(trainLoss);
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 10);
});

test("layers may be taken alone", async () => {
  const model = await importModel(await fixture("convert/keras-functional.weights.h5"), { layers: "c, a" });
  expect(model.config).toMatchObject({ head: "none", layers: 2, hiddenSize: 5 });
});

test.each([
  ["gru", /gru.*: a layer of class "GRU"/],
  ["activation", /lstm.*: activation: expected "tanh", got "relu"/],
  ["hard", /lstm.*: recurrent_activation: expected "sigmoid", got "hard_sigmoid"/],
  ["convolution", /conv1d.*: a layer of class "Conv1D"/],
  ["sum", /bidirectional.*: merge_mode: expected "concat", got "sum"/],
  ["swapped", /bidirectional.*: go_backwards: its first layer reads from the end/],
  ["relu", /dense.*: activation: expected "linear" or "softmax", got "relu"/],
  ["hidden", /dense.*: a layer of class "Dense" cannot be brought over here/],
])("refused-%s.keras is refused with a reason", async (name, reason) => {
  const refusal = await importModel(await fixture(`convert/refused-${name}.keras`)).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ConversionError);
  expect((refusal as Error).message).toMatch(reason);
});

test.each([
  ["links", /^"the HDF5 file": it is damaged, or of a kind of HDF5 that cannot be read$/],
  ["circle", /^a(\/b){16}: groups nested more than 16 deep, or links that go round in circles$/],
])("refused-%s.h5 is refused in our words", async (name, reason) => {
  await expect(importModel(await fixture(`convert/refused-${name}.h5`))).rejects.toThrow(reason);
});
