import { expect, test } from "vitest";
import { fixture, jsonFixture } from "../bytes.js";
import { ConversionError, importModel } from "../internals/convert.js";
import { besideFixture, expectOutputs, type Oracle } from "./compare.js";

const FOLDER = "tensorflowjs";
const beside = besideFixture(FOLDER);
const cases = await jsonFixture<Record<string, Oracle & { returnSequences: boolean }>>(`convert/${FOLDER}.json`);

const modelJson = async (name: string) =>
  JSON.parse(new TextDecoder().decode(await fixture(`convert/${FOLDER}/${name}.json`)));
const encoded = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

test.each(Object.entries(cases))(
  "%s gives the outputs of TensorFlow.js",
  async (name, { returnSequences, ...oracle }) => {
    const model = await importModel(await fixture(`convert/${FOLDER}/${name}.json`), { beside });
    expect(model.config.returnSequences).toBe(returnSequences);
    expectOutputs(model, oracle);
  },
);

test("another activation is refused by the layer's name", async () => {
  const reading = importModel(await fixture(`convert/${FOLDER}/refused-hard.json`), { beside });
  await expect(reading).rejects.toThrow(/lstm_.*: recurrent_activation: expected "sigmoid", got "hard_sigmoid"/);
});

test.each([
  [{ class_name: "GRU", config: {} }, 'a layer of class "GRU"'],
  [
    { class_name: "RNN", config: { cell: { class_name: "PeepholeLSTMCell", config: {} } } },
    'a cell of class "PeepholeLSTMCell"',
  ],
])("in a Bidirectional, %j is refused for what it is", async (inner, kind) => {
  const model = await modelJson("tagger");
  const wrapper = model.modelTopology.config.layers.find(
    ({ class_name }: { class_name: string }) => class_name === "Bidirectional",
  );
  wrapper.config.layer = inner;
  await expect(importModel(encoded(model), { beside })).rejects.toThrow(`${wrapper.config.name}: ${kind} cannot be`);
});

test("a graph model is refused", async () => {
  const graph = { format: "graph-model", modelTopology: { node: [] }, weightsManifest: [] };
  await expect(importModel(encoded(graph), { beside })).rejects.toThrow("this is a graph model");
});

test("weights that are cut off are refused", async () => {
  const cut = async (name: string) => (await beside(name)).slice(0, 100);
  const reading = importModel(encoded(await modelJson("value")), { beside: cut });
  await expect(reading).rejects.toThrow(/value\.bin: expected \d+ bytes, got 100/);
});

test("a weight of another type is refused by its name", async () => {
  const model = await modelJson("value");
  const [weight] = model.weightsManifest[0].weights;
  weight.dtype = "int32";
  const refusal = await importModel(encoded(model), { beside }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ConversionError);
  expect(refusal).toMatchObject({ where: weight.name });
});
