import { expect, test } from "vitest";
import { createModel, type Example, evaluate, train } from "../../src/index.js";
import { Random } from "../internals/common.js";
import { normals } from "../kernels/tensors.js";

// What evaluate tells of classes.

/** A model whose prediction is the class of the largest input. */
async function chooser() {
  const classes = ["low", "mid", "high"];
  const model = await createModel({ inputSize: 3, hiddenSize: 3, classes, backend: "simd" });
  for (const { name } of model.tensors) model.setTensor(name, model.tensor(name).fill(0));
  // g = tanh(50·x), i, f and o are open: h has the signs and the order of x.
  const weights = new Float32Array(36);
  for (let i = 0; i < 3; i++) weights[(6 + i) * 3 + i] = 1;
  model.setTensor("lstm.weight_ih_l0", weights);
  model.setTensor(
    "lstm.bias_ih_l0",
    Float32Array.from({ length: 12 }, (_, i) => (i >= 6 && i < 9 ? 0 : 20)),
  );
  model.setTensor(
    "linear.weight",
    Float32Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? 10 : 0)),
  );
  return model;
}

const one = (k: number, target: number | string, weight = 1): Example => ({
  inputs: [0, 1, 2].map((i) => (i === k ? 1 : 0)),
  targets: [target] as never,
  weight,
});

test("a confusion matrix, and precision and recall of each class", async () => {
  const model = await chooser();
  const examples = [one(0, "low"), one(0, "low"), one(1, "low"), one(1, "mid"), one(1, -1), one(0, "mid")];
  const { confusion, classes, accuracy, predictions } = await evaluate(model, examples);
  expect(confusion).toEqual([
    [2, 1, 0],
    [1, 1, 0],
    [0, 0, 0],
  ]);
  expect(classes).toEqual([
    { name: "low", support: 3, precision: 2 / 3, recall: 2 / 3 },
    { name: "mid", support: 2, precision: 1 / 2, recall: 1 / 2 },
    { name: "high", support: 0, precision: 0, recall: 0 },
  ]);
  expect([accuracy, predictions]).toEqual([3 / 5, 5]);
});

test("the loss counts examples by their weight, the accuracy does not", async () => {
  const model = await chooser();
  const lossOf = async (...examples: Example[]) => (await evaluate(model, examples)).loss;
  const [right, wrong] = [await lossOf(one(0, 0)), await lossOf(one(0, 1))];
  const { loss, accuracy } = await evaluate(model, [one(0, 0, 3), one(0, 1)]);
  expect(loss).toBeCloseTo((3 * right + wrong) / 4, 6);
  expect(accuracy).toBe(0.5);
});

test("validation data of any length, longer than a pass, have the figures of each sequence alone", async () => {
  const random = new Random(1);
  for (const returnSequences of [false, true]) {
    const model = await createModel({
      inputSize: 2,
      hiddenSize: 4,
      classes: ["a", "b"],
      returnSequences,
      backend: "simd",
    });
    const examples = [700, 3, 256, 512, 1, 300, 257].map((T): Example => {
      const targets = Array.from({ length: returnSequences ? T : 1 }, (_, t) => (t + T) % 2);
      return { inputs: normals(random, 2 * T), targets };
    });
    const each = await Promise.all(examples.map((example) => evaluate(model, [example])));
    const all = await evaluate(model, examples);
    const total = each.reduce((sum, { predictions }) => sum + predictions, 0);
    expect(all.predictions).toBe(total);
    const mean = each.reduce((sum, { loss, predictions }) => sum + loss * predictions, 0) / total;
    expect(all.loss).toBeCloseTo(mean, 10);
    const hits = each.reduce((sum, { accuracy, predictions }) => sum + accuracy! * predictions, 0);
    expect(all.accuracy! * total).toBeCloseTo(hits, 6);
  }
});

test("class weights make a rare class count", async () => {
  const random = new Random(2);
  // One in ten is rare, and the noise hides half of what tells it apart.
  const examples = Array.from({ length: 300 }, (_, i): Example => {
    const rare = i % 10 === 0;
    return { inputs: normals(random, 6).map((value) => value + (rare ? 0.4 : 0)), targets: [rare ? "rare" : "usual"] };
  });
  const recallOf = async (classWeights?: Record<string, number>) => {
    const model = await createModel({ inputSize: 1, hiddenSize: 8, classes: ["usual", "rare"], backend: "simd" });
    await train(model, examples, { epochs: 8, learningRate: 0.01, ...(classWeights ? { classWeights } : {}) });
    return (await evaluate(model, examples)).classes![1]!.recall;
  };
  const [plain, weighted] = [await recallOf(), await recallOf({ rare: 9 })];
  expect(weighted).toBeGreaterThan(plain + 0.3);
});

test.each([
  [[1, 2, 3], "classWeights: expected 2 numbers, one per class, got"],
  [[1, -1], "classWeights: expected numbers from 0 to 1000000, not all 0, in a list or by name"],
  [{ c: 1 }, 'classWeights: expected names of classes (a, b), got "c"'],
])("class weights %j are refused", async (classWeights, message) => {
  const model = await createModel({ inputSize: 1, hiddenSize: 2, classes: ["a", "b"], backend: "simd" });
  const run = train(model, [{ inputs: [1], targets: [0] }], { classWeights: classWeights as never });
  await expect(run.next()).rejects.toThrow(message);
});
