import { expect, test } from "vitest";
import { availableBackends, predict, presets } from "../../src/index.js";
import { expectKnown, learn } from "../soliloquy.js";

const options = { timeout: 120_000 };

/** The slow kernels get no more than they need. */
const RUNS = availableBackends().map((backend) => [backend === "javascript" ? 600 : 1000, backend] as const);

test.each(RUNS)("%i epochs with %s teach the soliloquy by heart", options, async (epochs, backend) => {
  await expectKnown((await learn(backend, 1, epochs)).model);
});

test("it does not depend on a lucky seed", { timeout: 60_000 }, async () => {
  const accuracies: number[] = [];
  for (const seed of [1, 2, 3]) {
    const { model } = await learn("simd", seed);
    accuracies.push((await predict(model, presets.hamlet.text, { seed })).sampledAccuracy);
  }
  expect(accuracies.sort()[1]).toBeGreaterThanOrEqual(0.98);
});
