import { expect, test } from "vitest";
import { characters, createModel, generate, load, save, train } from "../../src/index.js";

// Emoji with joiners and skin tones, combining marks, CRLF, right-to-left letters, a character beyond the BMP.
const text = "Zoë 👩‍🚀🏽 e\u{301}te\u{301}\r\nשלום עולם\r\n𝒽𝒾 مرحبا 🇫🇷\r\n".repeat(30);

test("a text of every script is learned and written in whole characters of that text", async () => {
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 24 });
  for await (const _ of train(model, text, { epochs: 40, batchSize: 4, sequenceLength: 30, learningRate: 0.01 }));
  const loaded = await load(save(model));
  const known = new Set(text);
  for (const options of [{ greedy: true }, { temperature: 3, seed: 2 }]) {
    let written = "";
    for await (const piece of generate(loaded, { prompt: "Zoë ", maxTokens: 300, ...options })) {
      expect(known).toContain(piece);
      written += piece;
    }
    expect(written.isWellFormed()).toBe(true);
    expect([...written]).toHaveLength(300);
    if (options.greedy) expect(text).toContain(written.slice(0, 40));
  }
});
