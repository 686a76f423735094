import { expect, test, vi } from "vitest";

import {
  characters,
  createModel,
  generate,
  generateSamples,
  LstmError,
  load,
  type Model,
  type SampleOptions,
  train,
} from "../../src/index.js";
import { words } from "../../src/words.js";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";
import { toSafetensors } from "../internals/convert.js";
import { allocate, holdPackedWeights, packedWeights, release, WorkerPool, workerPool } from "../internals/engine.js";
import type { ModelOptions } from "../internals/model.js";
import { HAMLET } from "../internals/presets.js";

// The texts that several threads generate are those that one generates, and each is what it is by itself.

const languageModel = () => createModel({ vocabulary: characters(HAMLET), hiddenSize: 16, backend: "simd" });

/** More steps than a round has. */
const OPTIONS: SampleOptions = { prompt: "to be", samples: 18, maxTokens: 300, temperature: 2 };
/** What each text is by itself. */
async function alone(model: Model, options: SampleOptions, samples: readonly number[]): Promise<string[]> {
  const random = new Random(1);
  const seeds = Array.from({ length: 18 }, (_, i) => (i === 0 ? 1 : random.next()));
  const { samples: _, threads: __, ...others } = options;
  return Promise.all(
    samples.map(async (i) => {
      let text = "";
      for await (const piece of generate(model, { ...others, seed: seeds[i]! })) text += piece;
      return text;
    }),
  );
}

const KINDS: [string, ModelOptions, Partial<SampleOptions>][] = [
  ["two layers", { layers: 2 }, {}],
  ["embedded tokens, the most probable alone", { embeddingSize: 5 }, { topK: 5, topP: 0.8 }],
  ["a penalty for repetition", {}, { repetitionPenalty: 1.5 }],
  ["no <unk>", { vocabulary: words(HAMLET) } as ModelOptions, { suppressUnk: true, repetitionPenalty: 0.9 }],
  ["stop texts", {}, { stop: ["e", "\n"] }],
  ["a window", { window: 7 }, { maxTokens: 30 }],
  ["a window that is read from both ends", { window: 7, bidirectional: true }, { maxTokens: 30 }],
  ["one token", {}, { maxTokens: 1 }],
  ["none", {}, { maxTokens: 0 }],
];

test.each(KINDS)("%s", async (_, kind, sampling) => {
  const options = { ...OPTIONS, ...sampling };
  const model = await createModel({ vocabulary: characters(HAMLET), hiddenSize: 7, backend: "simd", ...kind });
  const one = await generateSamples(model, { ...options, threads: 1 });
  expect(new Set(one).size).toBe(options.maxTokens! > 1 ? 18 : new Set(one).size);
  for (const threads of [2, 3]) expect(await generateSamples(model, { ...options, threads })).toEqual(one);
  expect(await alone(model, options, [0, 8, 17])).toEqual([0, 8, 17].map((i) => one[i]));
  model.free();
});

test.each(BACKENDS)("with %s", async (backend) => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const model = await createModel({ vocabulary: characters(HAMLET), hiddenSize: 20, backend });
  const options = { ...OPTIONS, maxTokens: 100 };
  const one = await generateSamples(model, { ...options, threads: 1 });
  expect(await generateSamples(model, { ...options, threads: 2 })).toEqual(one);
  expect(await alone(model, options, [3])).toEqual([one[3]]);
  model.free();
  warn.mockRestore();
});

test("takes a thread for every four texts, at most", async () => {
  const model = await languageModel();
  const ask = vi.spyOn(WorkerPool.prototype, "ensureWorkers");
  const workersFor = async (samples: number, threads: number, maxTokens = 5) => {
    ask.mockClear();
    await generateSamples(model, { ...OPTIONS, samples, threads, maxTokens });
    return ask.mock.calls.flat();
  };
  expect(await workersFor(4, 3)).toEqual([]);
  expect(await workersFor(8, 3)).toEqual([1]);
  expect(await workersFor(12, 3)).toEqual([2]);
  expect(await workersFor(12, 0)).toEqual([]);
  ask.mockRestore();
  model.free();
});

test("while others use the model, and it trains on the same threads", async () => {
  const model = await languageModel();
  const options = { ...OPTIONS, threads: 2 };
  const expected = await generateSamples(model, { ...options, threads: 1 });
  const training = { batchSize: 16, gradientShards: 4, threads: 2, learningRate: 1e-30, epochs: 3 };
  const results = await Promise.all([
    generateSamples(model, options),
    train(model, HAMLET, training),
    generateSamples(model, { ...options, threads: 3 }),
    generateSamples(model, { ...options, threads: 1 }),
  ]);
  for (const i of [0, 2, 3]) expect(results[i]).toEqual(expected);
  model.free();
});

test("memory is as it was, however often", async () => {
  const model = await languageModel();
  await generateSamples(model, { ...OPTIONS, threads: 2 });
  const before = model.memoryBytes;
  for (let i = 0; i < 5; i++) await generateSamples(model, { ...OPTIONS, maxTokens: 9, threads: 2 });
  expect(model.memoryBytes).toBe(before);
  model.free();
});

test("stops where the signal is aborted, and goes on afterwards", async () => {
  const model = await languageModel();
  const signal = AbortSignal.timeout(30);
  const endless = generateSamples(model, { ...OPTIONS, maxTokens: 1e9, threads: 2, signal });
  await expect(endless).rejects.toThrow(/time.*out/i);
  const options = { ...OPTIONS, maxTokens: 20 };
  const expected = await generateSamples(model, { ...options, threads: 1 });
  expect(await generateSamples(model, { ...options, threads: 2 })).toEqual(expected);
  model.free();
});

test("weights of int8", async () => {
  const model = await load(toSafetensors(await languageModel(), { dtype: "int8" }), { backend: "simd" });
  const one = await generateSamples(model, { ...OPTIONS, threads: 1 });
  expect(await generateSamples(model, { ...OPTIONS, threads: 2 })).toEqual(one);
  expect(await alone(model, OPTIONS, [11])).toEqual([one[11]]);
  model.free();
});

test.each([1, 2])("tells how far it is, on %i threads", async (threads) => {
  const model = await languageModel();
  const told: number[][] = [];
  const onProgress = (...numbers: number[]) => void told.push(numbers);
  await generateSamples(model, { ...OPTIONS, threads, onProgress });
  expect(told[0]).toEqual([18, 18 * 300]);
  expect(told.at(-1)).toEqual([18 * 300, 18 * 300]);
  expect(told.length).toBeGreaterThan(3);
  expect(told.map(([tokens]) => tokens)).toEqual(told.map(([tokens]) => tokens!).sort((a, b) => a - b));
  model.free();
});

test("logits that are not finite are an error on any thread, unless their text has ended", async () => {
  const model = await languageModel();
  const { engine, vocabulary } = model;
  const options = { ...OPTIONS, samples: 8, maxTokens: 30 };
  const texts = await generateSamples(model, { ...options, threads: 1 });
  // A character that only texts of the other thread read, which then makes all they compute NaN.
  const [own, others] = [texts.slice(0, 4).join(""), texts.slice(4).map((text) => text.slice(0, -1))];
  const fatal = [...others.join("")].find((character) => !`${OPTIONS.prompt}${own}`.includes(character))!;
  const { offset } = engine.table.tensors.find(({ name }) => name === "lstm.weight_ih_l0")!;
  const row = engine.parameters / 4 + offset + vocabulary.encode(fatal)[0]! * 4 * 16;
  engine.floats.fill(Number.NaN, row, row + 4 * 16);
  for (const threads of [1, 2])
    await expect(generateSamples(model, { ...options, threads })).rejects.toThrow("logits are not finite");
  expect(await generateSamples(model, { ...options, samples: 4, threads: 1 })).toEqual(texts.slice(0, 4));
  const ended = texts.map((text) => text.slice(0, text.indexOf(fatal) + 1 || undefined));
  for (const threads of [1, 2])
    expect(await generateSamples(model, { ...options, threads, stop: fatal })).toEqual(ended);
  model.free();
});

test("a failing thread is an error, after which others start", async () => {
  const model = await languageModel();
  const options = { ...OPTIONS, threads: 2, maxTokens: 20 };
  const expected = await generateSamples(model, options);
  const pool = await workerPool(model.engine, 1);
  const submit = vi.spyOn(pool, "submit").mockImplementation(function (this: typeof pool, worker, tasks) {
    // Nothing lies there: the thread cannot read its texts.
    submit.mockRestore();
    pool.submit(
      worker,
      tasks.map((task) => ({ ...task, texts: 2 ** 32 - 64 })),
    );
  });
  await expect(generateSamples(model, options)).rejects.toThrow("thread");
  expect(await generateSamples(model, options)).toEqual(expected);
  model.free();
});

test("a model that was freed says so", async () => {
  const model = await languageModel();
  const running = generateSamples(model, { ...OPTIONS, threads: 2, maxTokens: 1e9 });
  setTimeout(() => model.free(), 20);
  await expect(running).rejects.toThrow(LstmError);
});

test("a run that begins to train leaves the packed weights that threads read alone", async () => {
  const model = await languageModel();
  const { engine } = model;
  const held = holdPackedWeights(engine, packedWeights)!;
  const bytes = () => engine.floats.slice(held.start / 4, held.start / 4 + 64);
  const before = bytes();
  expect(before.some((weight) => weight !== 0)).toBe(true);
  const { passes } = allocate(engine, 2);
  expect(bytes()).toEqual(before);
  held.release();
  release(engine);
  // Now their bytes are free.
  expect(allocate(engine, 2).passes).toBeLessThan(passes);
  release(engine);
  model.free();
});
