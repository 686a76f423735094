import { expect, test, vi } from "vitest";

import { characters, createModel, type GenerateOptions, generate, type Model, train } from "../../src/index.js";
import { engineForward, loadState, packedWeights, StepTeam, stepTeamOf, workerPool } from "../internals/engine.js";
import { padded } from "../internals/kernels.js";
import type { ModelOptions } from "../internals/model.js";
import { type PassPlan, planSharedStep, SharedStep } from "../internals/network.js";
import { HAMLET } from "../internals/presets.js";

// One text, its steps computed by several threads together: it is what one thread generates.

const text = async (model: Model, options: Partial<GenerateOptions>) => {
  let all = "";
  for await (const piece of generate(model, { prompt: "to be", maxTokens: 200, temperature: 2, ...options }))
    all += piece;
  return all;
};
const large = (options: ModelOptions = {}) =>
  createModel({ vocabulary: characters(HAMLET), hiddenSize: 150, layers: 2, backend: "simd", ...options });

test.each<[string, ModelOptions]>([
  ["a small network", { hiddenSize: 3, layers: 1 }],
  ["two layers", {}],
  ["embedded tokens", { embeddingSize: 9, layers: 3 }],
  ["rows beyond the cache", { hiddenSize: 260 }],
])("%s: each thread's part has the bits of the whole", async (_, options) => {
  const model = await large(options);
  const { engine } = model;
  const { shape } = engine;
  const H = padded(shape.hiddenSize);
  const state = engine.createState(1);
  for (const [i] of state.entries()) state[i] = i % H < shape.hiddenSize ? Math.sin(i) : 0;
  const results = (plan: PassPlan) => [
    engine.floats.slice(plan.logits / 4, plan.logits / 4 + padded(model.vocabulary.size)),
    ...plan.states.map((at) => engine.floats.slice(at / 4 + H, at / 4 + 2 * H)),
  ];
  const whole = engine.plan(1, 1);
  engine.integers[whole.inputs / 4] = 7;
  engineForward(engine, whole, state.slice());
  const expected = results(whole);
  for (const threads of [1, 2, 3, 8]) {
    const planStep = (address: number) => engine.planAt(address, 1, 1, { outputRows: 1 });
    const planAt = (address: number) => planSharedStep(engine.network, planStep, threads, address);
    const region = engine.takeRegion(planAt(0).end + 128);
    const plan = planAt(region.start);
    const parts = plan.own.map((_, k) => new SharedStep(engine.network, plan, k));
    packedWeights(engine);
    const { weights } = engine.packed!;
    for (const packed of [undefined, weights.forTiles, weights.forRows]) {
      if (packed) weights.pack(engine.kernels, packed);
      loadState(engine, plan.pass, state);
      for (let phase = 0; phase < parts[0]!.phases; phase++) for (const part of parts) part.compute(phase, 7, packed);
      expect(results(plan.pass)).toEqual(expected);
    }
    engine.isPacked = false;
    engine.releaseRegion(region);
  }
  model.free();
});

test("the text is that of one thread, and others take part", async () => {
  const model = await large();
  const one = await text(model, { threads: 1 });
  // Where all processors are busy, the other thread may be stopped for a while.
  await stepTeamOf(model.engine, 200, 2, "test", 20_000);
  const run = vi.spyOn(StepTeam.prototype, "run");
  const shared = () => run.mock.results.filter(({ value }) => value === true).length;
  try {
    // It may also take a while to come.
    for (let round = 0; round === 0 || (shared() === 0 && round < 500); round++)
      expect(await text(model, { threads: 2 })).toBe(one);
    expect(shared()).toBeGreaterThan(0);
    expect(await text(model, { threads: 3 })).toBe(one);
  } finally {
    run.mockRestore();
  }
  expect(await text(model, { threads: 2, stop: one.slice(20, 25) })).toBe(
    one.slice(0, one.indexOf(one.slice(20, 25)) + 5),
  );
  model.free();
});

test("two texts, and training, in turns", async () => {
  const model = await large({ hiddenSize: 40 });
  const [first, second] = [await text(model, { seed: 1 }), await text(model, { seed: 2 })];
  const both = Promise.all([text(model, { seed: 1, threads: 2 }), text(model, { seed: 2, threads: 2 })]);
  await train(model, HAMLET, { batchSize: 16, threads: 2, learningRate: 1e-30, epochs: 1 });
  expect(await both).toEqual([first, second]);
  model.free();
});

test("goes on alone where the others do not come, and does not wait long", async () => {
  const model = await large();
  const one = await text(model, { threads: 1 });
  const team = (await stepTeamOf(model.engine, 200, 2, "test"))!;
  // They are said to be here, but nobody is.
  const gather = vi.spyOn(team, "gather").mockReturnValue(true);
  const run = vi.spyOn(team, "run");
  const start = performance.now();
  expect(await text(model, { threads: 2 })).toBe(one);
  expect(run.mock.results.map(({ value }) => value)).toEqual(new Array(199).fill(false));
  expect(performance.now() - start).toBeLessThan(5000);
  gather.mockRestore();
  run.mockRestore();
  expect(await text(model, { threads: 2 })).toBe(one);
  model.free();
});

test("goes on alone where a thread has failed", async () => {
  const model = await large();
  const one = await text(model, { threads: 1 });
  const pool = await workerPool(model.engine, 1, "steps");
  const texts = generate(model, { prompt: "to be", maxTokens: 200, temperature: 2, threads: 2 });
  let all = (await texts.next()).value as string;
  await pool.terminate();
  for await (const piece of texts) all += piece;
  expect(all).toBe(one);
  expect(await text(model, { threads: 2 })).toBe(one);
  model.free();
});

test("memory is as it was, however often", async () => {
  const model = await large();
  // Once the weights are packed, the pool's memory finds its place.
  for (let i = 0; i < 2; i++) await text(model, { threads: 2 });
  const before = model.memoryBytes;
  for (let i = 0; i < 5; i++) await text(model, { threads: 2, maxTokens: 5 });
  expect(model.memoryBytes).toBe(before);
  model.free();
});
