import { afterAll, describe, expect, test } from "vitest";
import { builds } from "#files";
import {
  availableBackends,
  BackendError,
  CheckpointError,
  characters,
  createModel,
  evaluate,
  generate,
  generateSamples,
  InputError,
  LstmError,
  load,
  type Model,
  type ModelOptions,
  predict,
  predictBatch,
  save,
  setWasmSources,
  train,
} from "../../src/index.js";
import { createStream } from "../../src/stream.js";
import { read, write } from "../internals/checkpoint.js";
import { normal, Random } from "../internals/common.js";
import { toSafetensors } from "../internals/convert-safetensors.js";
import { int8Backends } from "../internals/kernels.js";

const text = "the quick brown fox jumps over the lazy dog. ".repeat(3);
const vocabulary = characters(text);
const BACKENDS = int8Backends();

afterAll(() => setWasmSources(builds));

/** Odd sizes, one to three layers, all kinds of inputs and outputs. */
const NETWORKS: readonly [string, ModelOptions & { vocabulary?: typeof vocabulary }][] = [
  ["tokens", { vocabulary, hiddenSize: 37, layers: 2 }],
  ["embedded tokens", { vocabulary, hiddenSize: 24, layers: 3, embeddingSize: 7 }],
  ["a token after a window", { vocabulary, hiddenSize: 9, window: 5 }],
  ["vectors", { inputSize: 21, hiddenSize: 6, outputSize: 3 }],
  ["both directions", { inputSize: 3, hiddenSize: 13, layers: 2, bidirectional: true, outputSize: 2 }],
  ["classes", { vocabulary, hiddenSize: 5, bidirectional: true, classes: ["a", "b", "c"] }],
  ["no head", { inputSize: 2, hiddenSize: 11, layers: 2, head: "none" }],
];

const create = (options: ModelOptions & { vocabulary?: typeof vocabulary }): Promise<Model> =>
  createModel({ ...options, initialization: "glorot-normal" } as Parameters<typeof createModel>[0] & {
    vocabulary: typeof vocabulary;
  });

const int8 = (model: Model) => toSafetensors(model, { dtype: "int8" });

/** Sequences for a model, each of another length. */
function sequencesFor({ input }: Model): (Int32Array | Float32Array)[] {
  const random = new Random(3);
  return [40, 33, 7, 1].map((T) =>
    input.kind === "categorical"
      ? Int32Array.from({ length: T }, () => Math.floor(random.uniform() * input.size))
      : Float32Array.from({ length: T * input.size }, () => 3 * normal(random)),
  );
}

const difference = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe.each(NETWORKS)("%s", (_, options) => {
  test("give the same bits on every backend, one by one, side by side and step by step", async () => {
    const file = int8(await create(options));
    const results: unknown[] = [];
    for (const backend of BACKENDS) {
      const model = await load(file, { backend });
      expect([model.dtype, model.backend]).toEqual(["int8", backend]);
      const sequences = sequencesFor(model);
      const alone = sequences.map((sequence) => predict(model, sequence));
      expect(await predictBatch(model, sequences)).toEqual(alone);
      const { window, bidirectional } = model.config;
      if (!bidirectional && window === 0) {
        const stream = createStream(model);
        const { size } = model.output;
        const [inputs, outputs] = [sequences[2]!, alone[2]!];
        for (let t = 0; t < 7; t++) {
          const width = model.input.kind === "categorical" ? 1 : model.input.size;
          const step = inputs.subarray(t * width, (t + 1) * width);
          const got = stream.step(model.input.kind === "categorical" ? step[0]! : step);
          expect(got).toEqual(outputs.subarray(t * size, (t + 1) * size));
        }
      }
      const texts = model.isLanguageModel
        ? await generateSamples(model, { prompt: "fox", maxTokens: 60, samples: 3, temperature: 0.7 })
        : [];
      results.push({ alone, texts });
    }
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test("are as near to the float32 model as 7 bits are", async () => {
    const model = await create(options);
    const small = await load(int8(model));
    for (const sequence of sequencesFor(model)) {
      const error = difference(predict(small, sequence), predict(model, sequence));
      expect(error).toBeGreaterThan(0);
      expect(error).toBeLessThan(0.05);
    }
  });

  test("take a quarter of the room, and are saved as they were read", async () => {
    const model = await create(options);
    const file = int8(model);
    const { tensors, metadata } = read(file);
    for (const { name, shape } of model.tensors) {
      const isWeight = shape.length === 2;
      expect(tensors.get(name)).toMatchObject({ dtype: isWeight ? "I8" : "F32", shape });
      expect(tensors.get(`${name}.scale`)?.shape).toEqual(isWeight ? shape.slice(0, 1) : undefined);
    }
    const again = read(save(await load(file, { backend: "saved" })));
    expect(again.tensors).toEqual(tensors);
    expect([...again.metadata.keys()]).toEqual([...metadata.keys()]);
  });
});

test("a weight is at most half a step from what it was, and the largest of each row is kept", async () => {
  const model = await create({ inputSize: 5, hiddenSize: 8, outputSize: 3 });
  const small = await load(int8(model));
  for (const { name, shape } of model.tensors) {
    const [before, after] = [model.tensor(name), small.tensor(name)];
    if (shape.length === 1) {
      expect(after).toEqual(before);
      continue;
    }
    const columns = shape[1]!;
    for (let from = 0; from < before.length; from += columns) {
      const row = before.subarray(from, from + columns);
      const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(difference(after.subarray(from, from + columns), row)).toBeLessThanOrEqual(0.5001 * (largest / 127));
    }
  }
});

test("inputs from outside have 14 bits: large ones beside small ones", async () => {
  const model = await create({ inputSize: 3, hiddenSize: 4, outputSize: 1 });
  const small = await load(int8(model));
  model.setTensor("lstm.weight_hh_l0", small.tensor("lstm.weight_hh_l0"));
  model.setTensor("lstm.weight_ih_l0", small.tensor("lstm.weight_ih_l0"));
  model.setTensor("linear.weight", small.tensor("linear.weight"));
  const inputs = Float32Array.of(100, 0.3, -0.02);
  // One step, from a zero state: what is rounded is the input, to 100 / 8191, and h for the head.
  expect(difference(predict(small, inputs), predict(model, inputs))).toBeLessThan(0.02);
});

test("zeros, rows without weights and tiny numbers are what they are", async () => {
  const model = await create({ inputSize: 3, hiddenSize: 4, outputSize: 2 });
  model.setTensor("linear.weight", new Float32Array(8).fill(1e-44));
  model.setTensor("linear.bias", [0.5, -0.25]);
  const results = [];
  for (const backend of BACKENDS) {
    const small = await load(int8(model), { backend });
    results.push(predict(small, Float32Array.of(0, 0, 0, 1e-40, 0, -1e-38)));
  }
  for (const result of results) expect([...result]).toEqual([0.5, -0.25, 0.5, -0.25]);
});

test("what is no number does not get lost in integers", async () => {
  const model = await create({ inputSize: 1, hiddenSize: 4, outputSize: 1 });
  const huge = (name: string, length: number) => model.setTensor(name, new Float32Array(length).fill(3e38));
  huge("linear.weight", 4);
  huge("linear.bias", 1);
  huge("lstm.bias_ih_l0", 16);
  for (const backend of BACKENDS) {
    const small = await load(int8(model), { backend });
    expect(() => predict(small, [1])).toThrow(LstmError);
  }
});

test("int8 weights cannot be trained, and say so", async () => {
  const small = await load(int8(await create({ vocabulary, hiddenSize: 8 })));
  const run = train(small, text, { epochs: 1 });
  await expect(run.next()).rejects.toThrow(/too coarse .* train the float32 model/);
  await expect(train(small, text, { epochs: 1 }).next()).rejects.toThrow(InputError);
  expect(() => small.setTensor("linear.bias", [])).toThrow(InputError);
  expect((await evaluate(small, text)).loss).toBeGreaterThan(0);
});

test("converted back they are float32, which can be trained", async () => {
  const small = await load(int8(await create({ vocabulary, hiddenSize: 8 })));
  const back = await load(toSafetensors(small));
  expect(back.dtype).toBe("float32");
  for (const { name } of small.tensors) expect(back.tensor(name)).toEqual(small.tensor(name));
  const half = await load(toSafetensors(small, { dtype: "float16" }));
  expect(difference(half.tensor("linear.weight"), small.tensor("linear.weight"))).toBeLessThan(1e-3);
  expect((await train(back, text, { epochs: 1 }).next()).done).toBe(false);
});

test("a training state is left out, and refused in a file", async () => {
  const model = await create({ vocabulary, hiddenSize: 8 });
  for await (const _ of train(model, text, { epochs: 1, batchSize: 2 }));
  const file = int8(model);
  const { tensors, metadata } = read(file);
  expect(metadata.has("training")).toBe(false);
  const forged = new Map([...metadata, ["training", read(save(model)).metadata.get("training")!] as const]);
  await expect(load(write(tensors, forged))).rejects.toThrow(/training: expected none with int8 weights/);
});

test("scales that are missing, of another shape or no numbers are refused", async () => {
  const { tensors, metadata } = read(int8(await create({ vocabulary, hiddenSize: 8 })));
  const name = "lstm.weight_hh_l0.scale";
  const scale = tensors.get(name)!;
  const without = new Map([...tensors].filter(([other]) => other !== name));
  const files = [
    without,
    new Map([...tensors, [name, { dtype: "F32", shape: [31], data: new Float32Array(31) }] as const]),
    new Map([...tensors, [name, { ...scale, data: new Float32Array(32).fill(Number.NaN) } as typeof scale] as const]),
  ];
  for (const file of files) await expect(load(write(file, metadata))).rejects.toThrow(CheckpointError);
});

test("where only some weights are int8, they are read as the numbers that they stand for", async () => {
  const model = await create({ vocabulary, hiddenSize: 8 });
  const { tensors, metadata } = read(int8(model));
  const plain = read(save(model)).tensors;
  const mixed = await load(write(new Map([...tensors, ["linear.weight", plain.get("linear.weight")!]]), metadata));
  expect(mixed.dtype).toBe("float32");
  expect(mixed.tensor("linear.weight")).toEqual(model.tensor("linear.weight"));
  expect(difference(mixed.tensor("lstm.weight_hh_l0"), model.tensor("lstm.weight_hh_l0"))).toBeLessThan(0.01);
});

test.runIf(availableBackends().includes("relaxed-simd"))(
  "an engine with wrong relaxed products is not asked",
  async () => {
    const loading = load(int8(await create({ vocabulary, hiddenSize: 8 })), { backend: "relaxed-simd" });
    if (BACKENDS.includes("relaxed-simd")) expect((await loading).backend).toBe("relaxed-simd");
    else await expect(loading).rejects.toThrow("wrongly: use simd");
  },
);

test("their kernels are looked for where setWasmSources says", async () => {
  const file = int8(await create({ vocabulary, hiddenSize: 8 }));
  setWasmSources({ simd: builds.simd });
  await expect(load(file, { backend: "simd" })).rejects.toThrow("no suitable build");
  setWasmSources({ simd: builds.simd, "int8-simd": builds.simd });
  await expect(load(file, { backend: "simd" })).rejects.toThrow(BackendError);
  setWasmSources({ "int8-simd": builds["int8-simd"] });
  const model = await load(file);
  expect([model.dtype, model.backend]).toEqual(["int8", "simd"]);
  let generated = "";
  for await (const piece of generate(model, { prompt: "the", maxTokens: 5 })) generated += piece;
  expect(generated).toHaveLength(5);
});
