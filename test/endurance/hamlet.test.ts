import { expect, test } from "vitest";
import { availableBackends } from "../../src/index.js";
import { predictNextTokens } from "../../src/inspect.js";
import { presets } from "../../src/presets.js";
import { FULL } from "../full.js";
import { expectKnown, learn } from "../soliloquy.js";

const BUILDS = availableBackends().filter((backend) => backend !== "javascript");
const options = { timeout: 120_000 };

// Plain JavaScript takes as long as all the rest; examples/hamlet.mjs has the fastest backend recite, too.
const backends = process.env["BACKENDS"] === "all" ? availableBackends() : FULL ? BUILDS : (["simd"] as const);

test.each(backends)("a thousand epochs with %s teach the soliloquy by heart", options, async (backend) => {
  await expectKnown((await learn(backend, 1)).model);
});

test.skipIf(!FULL)("it does not depend on a lucky seed", { timeout: 60_000 }, async () => {
  const accuracies: number[] = [];
  for (const seed of [1, 2, 3]) {
    const { model } = await learn("simd", seed);
    accuracies.push((await predictNextTokens(model, presets.hamlet.text, { seed })).sampledAccuracy);
  }
  expect(accuracies.sort()[1]).toBeGreaterThanOrEqual(0.98);
});
