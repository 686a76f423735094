import { describe, expect, test } from "vitest";
import {
  availableBackends,
  type Backend,
  characters,
  createModel,
  generate,
  type Model,
  predict,
  presets,
  train,
} from "../src/index.js";

const { text, model: modelOptions, training, passage } = presets.hamlet;
const vocabulary = characters(text);

/** Runs the preset and gives the model with the loss of every epoch. */
async function run(backend: Backend, seed: number, epochs = 1000): Promise<{ model: Model; losses: number[] }> {
  const model = await createModel({ vocabulary, ...modelOptions, seed, backend });
  const losses: number[] = [];
  for await (const { trainLoss } of train(model, text, { ...training, epochs })) losses.push(trainLoss);
  return { model, losses };
}

test("the text is the soliloquy: 866 characters, 32 of them distinct", () => {
  expect([...text]).toHaveLength(866);
  expect(vocabulary.size).toBe(32);
});

describe.each(availableBackends())("a thousand epochs with %s", (backend) => {
  test("teach the soliloquy by heart", { timeout: 120_000 }, async () => {
    const { model } = await run(backend, 1);
    const { accuracy, sampledAccuracy } = await predict(model, text);
    expect(sampledAccuracy).toBeGreaterThanOrEqual(0.99);
    expect(accuracy).toBeGreaterThanOrEqual(0.995);
    let recited = passage.prompt;
    for await (const piece of generate(model, passage)) recited += piece;
    expect(recited).toBe(text);
  });
});

test("it does not depend on a lucky seed", { timeout: 60_000 }, async () => {
  const accuracies: number[] = [];
  for (const seed of [1, 2, 3, 4, 5]) {
    const { model } = await run("simd", seed);
    accuracies.push((await predict(model, text, { seed })).sampledAccuracy);
  }
  expect(accuracies.sort()[2]).toBeGreaterThanOrEqual(0.98);
});

describe("the same bits", () => {
  test.each(availableBackends())("twice, with %s", async (backend) => {
    const [first, second] = [await run(backend, 3, 20), await run(backend, 3, 20)];
    expect(second.losses).toEqual(first.losses);
    for (const { name } of first.model.tensors) expect(second.model.tensor(name)).toEqual(first.model.tensor(name));
  });

  test("on every machine, with simd", async () => {
    const { losses } = await run("simd", 1, 200);
    // Golden values of this compiler version and these kernels: a change of either may change the last digits.
    expect([1, 2, 10, 50, 200].map((epoch) => losses[epoch - 1])).toEqual([
      3.4707312807182356, 3.36319700252114, 2.909150144475044, 1.5679872959561516, 0.18508147143995204,
    ]);
  });
});
