import { describe, expect, test } from "vitest";
import { availableBackends, characters, createModel, type Model, predict, train } from "../../src/index.js";
import { presets } from "../../src/presets.js";
import { createStream } from "../../src/stream.js";
import { FULL, withMore } from "../full.js";
import { Random } from "../internals/common.js";
import { Decoder, filterTopKTopP } from "../internals/inference.js";

const { text, model: modelOptions, training } = presets.hamlet;

/** Bytes for each of 100 tokens that looking at the heap takes by itself. */
const MEASUREMENT = 30;

/** By the 200th the engine has compiled what it compiles. */
const EPOCHS = FULL ? 1000 : 400;

/** The heap after a full collection, in bytes. */
function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

test.each(availableBackends().filter((backend) => backend !== "javascript"))(
  `${EPOCHS} epochs leave the memory of %s and the heap as they were after the first`,
  async (backend) => {
    expect(globalThis.gc, "this test needs node --expose-gc").toBeTypeOf("function");
    const model = await createModel({ vocabulary: characters(text), ...modelOptions, backend });
    let memory = 0;
    let heap = 0;
    for await (const { epoch } of train(model, text, { ...training, epochs: EPOCHS })) {
      if (epoch === 1) memory = model.memoryBytes;
      if (epoch === 200) heap = heapUsed();
    }
    expect(model.memoryBytes).toBe(memory);
    // The noise of the engine's own bookkeeping. A single float kept per token would be a megabyte.
    expect(heapUsed() - heap).toBeLessThan(300_000);
  },
);

test("training takes about as much memory as planned", async () => {
  const model = await createModel({ vocabulary: characters(text), ...modelOptions, backend: "simd" });
  await train(model, text, training).next();
  // 865 steps of 4 · 28 gates, twice 28 states, 28 gradients and 32 scores, in float32, and the packed factors.
  const expected = 865 * (112 + 56 + 28 + 32) * 4;
  expect(model.memoryBytes).toBeGreaterThan(expected);
  expect(model.memoryBytes).toBeLessThan(1.5 * expected);
});

test("the shards of one thread share the memory of a pass", async () => {
  const bytes = async (gradientShards: number) => {
    const model = await createModel({ vocabulary: characters(text), hiddenSize: 32, backend: "simd" });
    await train(model, text, { batchSize: 16, sequenceLength: 50, gradientShards, threads: 1, epochs: 1 });
    return model.memoryBytes - gradientShards * 4 * model.engine.table.length;
  };
  expect(await bytes(8)).toBeLessThanOrEqual(await bytes(1));
});

test("generating text allocates no objects per token", async () => {
  const model = await createModel({ vocabulary: characters(text), ...modelOptions, backend: "simd" });
  const choice = {
    inverseTemperature: 1,
    topK: 10,
    topP: 0.9,
    filter: filterTopKTopP,
    greedy: false,
    repetitionPenalty: 1,
    suppressFirst: false,
  };
  const writer = new Decoder(model, model.vocabulary.encode("to be"), choice, new Random(1), 1000);
  // The engine boxes a fraction now and then, which is 16 bytes. Any object, string or view of ours would be far more.
  expect(bytesPerCall(() => writer.step(), 100)).toBeLessThan(48 + MEASUREMENT);
});

/** How much the heap grows with each of `calls`, at least, once the engine has compiled what it calls. */
function bytesPerCall(call: () => void, calls: number): number {
  const repeat = (times: number) => {
    for (let i = 0; i < times; i++) call();
  };
  repeat(200_000);
  // Few enough that no collection comes in between; compiling takes memory too, at moments of the engine's choice.
  const growths = Array.from({ length: 40 }, () => {
    const heap = heapUsed();
    repeat(calls);
    return (process.memoryUsage().heapUsed - heap) / calls;
  });
  return Math.min(...growths.filter((bytes) => bytes >= 0));
}

describe("a step of a stream allocates nothing", () => {
  const STEPS = 1000;
  // Node 26 boxes four numbers a step, 16 bytes each, where models of several kernels have run in the process; alone, a stream
  // takes 4 bytes there and 2 on Node 20. Any object or view of ours would be more.
  const LIMIT = 80;

  test.each(withMore(["vectors"], ["tokens"]))("of %s", async (kind) => {
    const size = { hiddenSize: 8, layers: 2, backend: "simd" } as const;
    const model: Model =
      kind === "tokens"
        ? await createModel({ ...size, vocabulary: characters("abc") })
        : await createModel({ ...size, inputSize: 3 });
    const stream = createStream(model);
    const x = kind === "tokens" ? 1 : Float32Array.of(0.1, 0.2, 0.3);
    expect(bytesPerCall(() => stream.step(x), STEPS)).toBeLessThan(LIMIT);
    model.free();
  });

  test.runIf(FULL)("of changing rows side by side", async () => {
    const model = await createModel({ inputSize: 3, hiddenSize: 8, backend: "simd" });
    const batch = createStream(model, { batch: 40 });
    // More numbers of rows than the engine keeps plans for.
    const rows = Array.from({ length: 40 }, (_, i) => Int32Array.from({ length: i + 1 }, (_, row) => 39 - row));
    const inputs = rows.map(({ length }) => new Float32Array(3 * length).fill(0.1));
    let step = 0;
    const next = () => {
      step = (step + 7) % 40;
      batch.step(inputs[step]!, rows[step]!);
    };
    expect(bytesPerCall(next, STEPS)).toBeLessThan(LIMIT);
    model.free();
  });
});

test("a million steps of a stream leave the heap and the memory as they were", async () => {
  const model = await createModel({ inputSize: 1, hiddenSize: 4, backend: "simd" });
  const stream = createStream(model);
  const x = Float32Array.of(0.5);
  const growthOfHeap = growth(() => {
    for (let i = 0; i < 1_000_000; i++) stream.step(x);
  });
  // A single kept float per step would be 4 MB.
  expect(growthOfHeap).toBeLessThan(100_000);
  model.free();
});

test("a step on several threads allocates nothing that grows with the sequences", async () => {
  const perStep = async (sequenceLength: number) => {
    const model = await createModel({ vocabulary: characters(text), hiddenSize: 4, backend: "simd" });
    const options = { batchSize: 4, gradientShards: 2, threads: 2, sequenceLength, epochs: 1e6 };
    const heaps: number[] = [];
    for await (const { step } of train(model, text, { ...options, progressInterval: 0 })) {
      if (step > 1000) heaps.push(process.memoryUsage().heapUsed);
      if (step > 1150) break;
    }
    model.free();
    const grown = heaps.slice(1).map((heap, i) => heap - heaps[i]!);
    // Of the steps without a collection one that hardly waited for its thread: each turn of a wait allocates a little.
    const kept = grown.filter((bytes) => bytes >= 0).sort((a, b) => a - b);
    return kept[Math.floor(kept.length / 10)]!;
  };
  expect(Math.abs((await perStep(200)) - (await perStep(10)))).toBeLessThan(20_000);
});

/** How much the heap grows while something is done, once it has been done before. */
function growth(work: () => void): number {
  work();
  const heap = heapUsed();
  work();
  return heapUsed() - heap;
}

test("sequences of ever new lengths do not grow the heap", async () => {
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 4, backend: "simd" });
  let length = 0;
  const grown = growth(() => {
    for (let i = 0; i < 600; i++) predict(model, new Int32Array(++length));
  });
  // A plan for each would be more than a kilobyte, 600 in all.
  expect(grown).toBeLessThan(300_000);
  model.free();
});

test("batches of ever new lengths do not grow the heap", async () => {
  const examples = Array.from({ length: 1600 }, (_, i) => ({
    inputs: new Float32Array(i + 1),
    targets: new Float32Array(1),
  }));
  const model = await createModel({
    inputSize: 1,
    outputSize: 1,
    returnSequences: false,
    hiddenSize: 4,
    backend: "simd",
  });
  const heaps: number[] = [];
  const options = { epochs: 1, batchSize: 1, shuffle: false, progressInterval: 0 };
  for await (const { step } of train(model, examples, options))
    if (step === 500 || step === 1500) heaps.push(heapUsed());
  // A thousand plans would be 1.2 MB; what is compiled meanwhile is some 0.3 MB.
  expect(heaps[1]! - heaps[0]!).toBeLessThan(600_000);
  model.free();
});
