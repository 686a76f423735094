import { describe, expect, test } from "vitest";
import { characters, createModel, type Example, evaluate, predict, train } from "../../src/index.js";
import { gradients, trace } from "../../src/inspect.js";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";
import { integers, normals, relativeError } from "../kernels/tensors.js";

const text = "to be or not to be";
const language = () => createModel({ vocabulary: characters(text), hiddenSize: 5, layers: 2, backend: "simd" });

describe("trace", () => {
  test.each(BACKENDS)("%s: states follow from the gates, and outputs are those of predict", async (backend) => {
    const options = { inputSize: 3, hiddenSize: 5, layers: 2, bidirectional: true, outputSize: 2, backend } as const;
    const model = await createModel(options);
    const [T, H] = [9, 5];
    const x = normals(new Random(1), 3 * T);
    const { layers, outputs } = trace(model, x);
    expect(relativeError(outputs, predict(model, x))).toBeLessThan(1e-6);
    expect(layers.map((directions) => directions.length)).toEqual([2, 2]);
    for (const directions of layers)
      for (const [d, { inputGate, forgetGate, cellGate, outputGate, cell, hidden }] of directions.entries())
        for (let t = 0; t < T; t++)
          for (let u = 0; u < H; u++) {
            const i = t * H + u;
            const before = d === 0 ? t - 1 : t + 1;
            const cellBefore = before < 0 || before >= T ? 0 : cell[before * H + u]!;
            expect(cell[i]).toBeCloseTo(forgetGate[i]! * cellBefore + inputGate[i]! * cellGate[i]!, 6);
            expect(hidden[i]).toBeCloseTo(outputGate[i]! * Math.tanh(cell[i]!), 6);
          }
  });

  test("a language model's surprisals, in bits, add up to its loss, in nats", async () => {
    const model = await language();
    const { probabilities, surprisals } = trace(model, text);
    expect(probabilities).toHaveLength(text.length - 1);
    const { loss, predictions } = await evaluate(model, text);
    expect((surprisals!.reduce((a, b) => a + b, 0) / predictions) * Math.LN2).toBeCloseTo(loss, 5);
    expect(trace(model, model.vocabulary.encode(text)).surprisals).toEqual(surprisals);
  });

  test("a classifier has no surprisals, and an unknown character is named", async () => {
    const options = { hiddenSize: 3, classes: ["a", "b"] };
    const classifier = await createModel({ ...options, vocabulary: characters(text) });
    expect(trace(classifier, text).surprisals).toBeUndefined();
    const model = await language();
    expect(() => trace(model, "to x")).toThrow('"x"');
  });
});

describe("gradients", () => {
  const random = new Random(3);
  const cases: [string, Parameters<typeof createModel>[0], Example][] = [
    [
      "vectors",
      { inputSize: 2, hiddenSize: 4, layers: 2, outputSize: 3 } as never,
      { inputs: normals(random, 10), targets: [...normals(random, 14), Number.NaN], weight: 2 },
    ],
    [
      "one class",
      { inputSize: 2, hiddenSize: 4, classes: ["a", "b"], bidirectional: true } as never,
      { inputs: normals(random, 10), targets: [1] },
    ],
    [
      "one-hot tokens",
      { vocabulary: characters("abcde"), hiddenSize: 4, outputSize: 3, bidirectional: true },
      { inputs: integers(random, 5, 0, 4), targets: [0, -1, 2, 1, 0] },
    ],
    [
      "embedded tokens",
      { vocabulary: characters("abcde"), hiddenSize: 4, embeddingSize: 3 },
      { inputs: integers(random, 5, 0, 4), targets: [0, 4, 2, 1, 0] },
    ],
  ];

  test.each(cases)("of %s are the slopes of the loss", async (_, options, example) => {
    const model = await createModel({ ...(options as { inputSize: number }), backend: "simd" });
    const { loss, parameters, inputs } = await gradients(model, example);
    const lossNow = async () => (await gradients(model, example)).loss;
    expect(await lossNow()).toBe(loss);
    expect([...parameters.keys()]).toEqual(model.tensors.map(({ name }) => name));
    for (const [name, gradient] of parameters) {
      const values = model.tensor(name);
      const along = gradient.reduce((sum, d) => sum + d * d, 0);
      const step = 1e-3 / Math.sqrt(along || 1);
      const at = (sign: number) => {
        model.setTensor(
          name,
          values.map((value, i) => value + sign * step * gradient[i]!),
        );
        return lossNow();
      };
      const slope = ((await at(1)) - (await at(-1))) / (2 * step);
      model.setTensor(name, values);
      expect(slope, name).toBeCloseTo(along, 2);
    }
    if (model.reads === "vectors") {
      const x = Float32Array.from(example.inputs as ArrayLike<number>);
      const lossAt = async (i: number, dx: number) => {
        const moved = x.map((value, k) => value + (k === i ? dx : 0));
        return (await gradients(model, { ...example, inputs: moved })).loss;
      };
      for (const i of [0, 3, 9])
        expect(((await lossAt(i, 1e-2)) - (await lossAt(i, -1e-2))) / 2e-2).toBeCloseTo(inputs[i]!, 2);
    } else expect(inputs).toHaveLength(5 * (options.embeddingSize ?? 5));
  });

  test("of a one-hot token are those of its row of the weights, summed over its places", async () => {
    const model = await createModel({
      vocabulary: characters("abcde"),
      hiddenSize: 4,
      outputSize: 3,
      bidirectional: true,
      backend: "simd",
    });
    const example = { inputs: [2], targets: [1] };
    const { parameters, inputs } = await gradients(model, example);
    // With a single step, the gradients of the gates' sums are those of the biases.
    const expected = new Float64Array(5);
    for (const suffix of ["l0", "l0_reverse"]) {
      const weights = model.tensor(`lstm.weight_ih_${suffix}`);
      parameters.get(`lstm.bias_ih_${suffix}`)!.forEach((d, j) => {
        for (let v = 0; v < 5; v++) expected[v]! += d * weights[j * 5 + v]!;
      });
    }
    expect(relativeError(inputs, expected)).toBeLessThan(1e-5);
  });

  test("cannot be had while the model is trained, and leave it as it was", async () => {
    const model = await createModel({ inputSize: 2, hiddenSize: 3, outputSize: 1 });
    const example = { inputs: [1, 2], targets: [1] };
    const run = train(model, [example], { epochs: 2 });
    await run.next();
    await expect(gradients(model, example)).rejects.toThrow("already being trained");
    await run.return();
    await gradients(model, example);
    await train(model, [example], { epochs: 3, resume: true });
  });
});
