import { expect, test } from "vitest";
import { createModel, evaluate, predict } from "../../src/index.js";
import { engineForward } from "../internals/engine.js";

// Long sequences are read in parts, with the state carried on: the bits are those of one pass, the memory that of a part.

const T = 3000;
const inputs = Float32Array.from({ length: 2 * T }, (_, i) => Math.sin(i * i));

test.each([true, false])(
  "a long sequence gives the bits of one pass, every step an output: %s",
  async (returnSequences) => {
    const model = await createModel({
      inputSize: 2,
      hiddenSize: 7,
      layers: 2,
      outputSize: 3,
      returnSequences,
      backend: "simd",
    });
    const outputs = predict(model, inputs);
    const { engine } = model;
    const plan = engine.plan(T, 1, { outputRows: returnSequences ? T : 1 });
    for (let t = 0; t < T; t++) engine.floats.set([inputs[2 * t]!, inputs[2 * t + 1]!, 0, 0], plan.inputs / 4 + 4 * t);
    engineForward(engine, plan, engine.createState(1));
    const whole = Float32Array.from({ length: plan.outputRows * 3 }, (_, i) => {
      return engine.floats[plan.logits / 4 + 4 * Math.floor(i / 3) + (i % 3)]!;
    });
    expect(outputs).toEqual(whole);
  },
);

test("memory grows neither with the sequence of predict nor with the examples of evaluate", async () => {
  const model = await createModel({ inputSize: 2, hiddenSize: 32, outputSize: 1, returnSequences: false });
  const short = inputs.subarray(0, 2 * 256);
  const read = async (sequence: Float32Array) => {
    predict(model, sequence);
    await evaluate(model, [{ inputs: sequence, targets: [1] }]);
    return model.memoryBytes;
  };
  const before = await read(short);
  expect(await read(inputs)).toBe(before);
});

test("the loss of long examples is that of their outputs", async () => {
  const model = await createModel({ inputSize: 2, hiddenSize: 5, outputSize: 1, backend: "simd" });
  const examples = [600, 256, 600, 257].map((length) => ({
    inputs: inputs.subarray(0, 2 * length),
    targets: new Float32Array(length).fill(0.5),
  }));
  let [sum, count] = [0, 0];
  for (const example of examples)
    for (const value of predict(model, example.inputs)) {
      sum += (value - 0.5) ** 2;
      count++;
    }
  const { loss, predictions } = await evaluate(model, examples);
  expect(predictions).toBe(count);
  expect(loss).toBeCloseTo(sum / count, 6);
});

test("numbers that overflow are an error, not NaN", async () => {
  const model = await createModel({ inputSize: 1, hiddenSize: 4, outputSize: 1, backend: "simd" });
  model.setTensor("linear.weight", [3e38, 3e38, 3e38, 3e38]);
  model.setTensor("lstm.bias_ih_l0", new Float32Array(16).fill(9));
  expect(() => predict(model, [1])).toThrow("outputs overflow");
  await expect(evaluate(model, [{ inputs: [1], targets: [1] }])).rejects.toThrow("outputs overflow");
});
