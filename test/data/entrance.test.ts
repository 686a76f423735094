import { describe, expect, test } from "vitest";
import {
  characters,
  createModel,
  type Data,
  type Example,
  evaluate,
  InputError,
  type Model,
  predict,
  train,
} from "../../src/index.js";

// Everything that comes in through the API is checked for being what it says, and is the library's own from then on.

const vectors = () =>
  createModel({ inputSize: 2, hiddenSize: 3, outputSize: 1, returnSequences: false, backend: "simd" });
const trainOn = (model: Model, data: unknown, options = {}) =>
  train(model, data as Data, { epochs: 1, ...options }).next();

describe("no number is", () => {
  const NONE: [string, unknown, string][] = [
    ["null", null, "null"],
    ["an empty text", "", '""'],
    ["true", true, "true"],
    ["digits", "12", '"12"'],
    ["a date", new Date(0), "an object"],
    ["undefined", undefined, "undefined"],
    ["a bigint", 12n, "12n"],
    ["an array", [1], "an array"],
    ["an object", {}, "an object"],
  ];

  test.each(NONE)("%s", async (_, value, shown) => {
    const model = await vectors();
    const message = (where: string) => `${where}: expected a finite number, got ${shown}`;
    await expect(trainOn(model, [{ inputs: [1, value], targets: [1] }])).rejects.toThrow(
      message("example 0, inputs[1]"),
    );
    await expect(
      evaluate(model, [
        { inputs: [1, 2], targets: [1] },
        { inputs: [1, value as number], targets: [1] },
      ]),
    ).rejects.toThrow(InputError);
    expect(() => predict(model, [1, 2, 3, value as number])).toThrow(message("inputs[3]"));
    const bias = [1, 1].map(() => value as number);
    expect(() => model.setTensor("linear.weight", [1, ...bias])).toThrow(message("linear.weight[1]"));
    const reader = await createModel({ vocabulary: characters("ab"), hiddenSize: 3, backend: "simd" });
    expect(() => predict(reader, [0, value as number])).toThrow("inputs[1]: expected an integer from 0 to 1");
  });

  test("what is not there: an array with holes", async () => {
    const model = await vectors();
    // biome-ignore lint/suspicious/noSparseArray: what is tested.
    await expect(trainOn(model, [{ inputs: [, 2], targets: [1] }])).rejects.toThrow(
      "inputs[0]: expected a finite number",
    );
    // biome-ignore lint/suspicious/noSparseArray: what is tested.
    await expect(trainOn(model, [, { inputs: [1, 2], targets: [1] }])).rejects.toThrow(
      "example 0: expected { inputs, targets }",
    );
  });

  test.each([
    ["a text", "12"],
    ["a bigint array", BigInt64Array.of(1n, 2n)],
    ["a DataView", new DataView(new ArrayBuffer(8))],
    ["a buffer", new ArrayBuffer(8)],
    ["a set", new Set([1, 2])],
  ])("%s in place of an array", async (_, inputs) => {
    const model = await vectors();
    await expect(trainOn(model, [{ inputs, targets: [1] }])).rejects.toThrow(InputError);
    expect(() => predict(model, inputs as unknown as number[])).toThrow(InputError);
  });

  test.each([null, undefined, 12, {}, new Set()])("data that are %s", async (data) => {
    await expect(trainOn(await vectors(), data)).rejects.toThrow(
      "expected a text, its tokens (an Int32Array), or an array",
    );
  });
});

describe("arrays of arrays", () => {
  const flat: Example = { inputs: [1, 2, 3, 4], targets: [5] };
  const nested: Example = { inputs: [[1, 2], Float64Array.of(3, 4)], targets: [[5]] };

  test("are the same as one after the other", async () => {
    const [one, other] = [await vectors(), await vectors()];
    for await (const _ of train(one, [flat], { epochs: 3 }));
    for await (const _ of train(other, [nested], { epochs: 3 }));
    expect(one.tensor("linear.weight")).toEqual(other.tensor("linear.weight"));
    expect(predict(one, nested.inputs)).toEqual(predict(one, flat.inputs));
    const every = await createModel({ inputSize: 2, outputSize: 2, hiddenSize: 3, backend: "simd" });
    const { loss } = await evaluate(every, [{ inputs: nested.inputs, targets: nested.inputs }]);
    expect(loss).toBe((await evaluate(every, [{ inputs: flat.inputs, targets: flat.inputs }])).loss);
  });

  test.each([
    [[[1, 2], [3]], "inputs[1]: expected 2 numbers, got 1"],
    [[[1, 2], 3], "inputs[1]: expected 2 numbers, got 3"],
    [
      [
        [1, 2],
        [3, null],
      ],
      "inputs[1][1]: expected a finite number, got null",
    ],
    [[[1, [2]]], "inputs[0][1]: expected a finite number, got an array"],
  ])("of another width, or of something else: %j", async (inputs, message) => {
    const model = await vectors();
    expect(() => predict(model, inputs as number[][])).toThrow(message);
  });
});

test("the name of a class stands for its index", async () => {
  const make = () => createModel({ inputSize: 1, hiddenSize: 3, classes: ["cat", "dog"], backend: "simd" });
  const [one, other] = [await make(), await make()];
  for await (const _ of train(one, [{ inputs: [1], targets: [1] }], { epochs: 2 }));
  for await (const _ of train(other, [{ inputs: [1], targets: ["dog"] }], { epochs: 2 }));
  expect(one.tensor("linear.weight")).toEqual(other.tensor("linear.weight"));
  await expect(trainOn(one, [{ inputs: [1], targets: ["cow"] }])).rejects.toThrow(
    'example 0, targets[0]: expected an integer from 0 to 1, the name of a class, or -1 to leave it out, got "cow"',
  );
});

describe("what the caller changes later", () => {
  const options = { epochs: 3, batchSize: 2, threads: 1 } as const;

  async function compare(make: () => Promise<Model>, data: () => Data, spoil: (data: Data) => void): Promise<void> {
    const [model, untouched] = [await make(), await make()];
    const given = data();
    for await (const _ of train(model, given, options)) spoil(given);
    for await (const _ of train(untouched, data(), options));
    for (const { name } of model.tensors) expect(model.tensor(name)).toEqual(untouched.tensor(name));
  }

  test.each([99_999, -1, 3])("tokens and examples of tokens: %i", async (token) => {
    const vocabulary = characters("abcde");
    const tokens = () => Int32Array.from({ length: 60 }, (_, i) => (i * i) % 5);
    await compare(
      () => createModel({ vocabulary, hiddenSize: 4 }),
      tokens,
      (data) => void (data as Int32Array).fill(token),
    );
    const examples = () =>
      Array.from({ length: 6 }, (_, i) => ({ inputs: tokens().slice(i, i + 4), targets: [i % 2] }));
    await compare(
      () => createModel({ vocabulary, hiddenSize: 4, classes: ["x", "y"] }),
      examples,
      (data) => {
        for (const { inputs } of data as Example[]) (inputs as Int32Array).fill(token);
      },
    );
  });

  test("vectors, overlapping or not", async () => {
    const overlapping = () => {
      const series = Float32Array.from({ length: 20 }, (_, i) => Math.sin(i));
      return Array.from({ length: 8 }, (_, i) => ({
        inputs: series.subarray(i, i + 4),
        targets: series.subarray(i + 4, i + 5),
      }));
    };
    const separate = () => overlapping().map(({ inputs, targets }) => ({ inputs: [...inputs], targets: [...targets] }));
    const spoil = (data: Data) => {
      for (const { inputs } of data as unknown as { inputs: number[] }[]) inputs.fill(7);
    };
    await compare(vectors, overlapping, spoil);
    await compare(vectors, separate, spoil);
  });
});
