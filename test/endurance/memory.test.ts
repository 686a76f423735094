import { expect, test } from "vitest";
import { characters, createModel, train } from "../../src/index.js";
import { presets } from "../../src/presets.js";

// STEPS=36000 npm test -- test/endurance/memory: what two layers of 128 with B = T = 50 do in an hour at 25 000 tokens/s.
const STEPS = Number(process.env["STEPS"] ?? 1000);

test(`${STEPS} updates leave the process as large as it was after the fourth epoch`, {
  timeout: 3_600_000,
}, async () => {
  const text = presets.hamlet.text.repeat(150);
  const options = { batchSize: 50, sequenceLength: 50, clipNorm: 5, validationFraction: 0.05, dropout: 0.1 };
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 8, layers: 2 });
  const sizes: number[] = [];
  for await (const { step } of train(model, text, { ...options, epochs: 1e6 })) {
    globalThis.gc?.();
    sizes.push(process.memoryUsage().rss);
    if (step >= STEPS) break;
  }
  // In the first epochs the engine still compiles what runs often.
  const [first, last] = [sizes[3]!, sizes.at(-1)!];
  console.info(`${sizes.length} epochs, RSS ${(first / 2 ** 20).toFixed(1)} → ${(last / 2 ** 20).toFixed(1)} MiB`);
  expect(last).toBeLessThan(1.05 * first);
});
