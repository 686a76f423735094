// What takes ten seconds and depends on no host.
import { expect, test } from "vitest";
import { predict, presets } from "../src/index.js";
import { expectKnown, learn } from "./soliloquy.js";

test("a thousand epochs with javascript teach the soliloquy by heart", { timeout: 120_000 }, async () => {
  await expectKnown((await learn("javascript", 1)).model);
});

test("it does not depend on a lucky seed", { timeout: 60_000 }, async () => {
  const accuracies: number[] = [];
  for (const seed of [1, 2, 3, 4, 5]) {
    const { model } = await learn("simd", seed);
    accuracies.push((await predict(model, presets.hamlet.text, { seed })).sampledAccuracy);
  }
  expect(accuracies.sort()[2]).toBeGreaterThanOrEqual(0.98);
});
