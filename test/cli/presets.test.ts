import { describe, expect, test } from "vitest";
import { createModel, evaluate, generate, predictNextTokens, presets, train, words } from "../../src/index.js";
import { events, lstmWasm } from "./run.js";

describe("--preset sentence", () => {
  test("learns its sentence by heart, and foretells its last character", async () => {
    const { code, stdout } = await lstmWasm(["train", "--preset", "sentence", "--quiet"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "Written by the model alone:\n  lstm neural networks are designed to handle sequences of data.",
    );
    expect(stdout).toContain("Arg-max accuracy: 100.00 %");
    expect(stdout).toContain('Next character:   "." is foretold for the text\'s last');
  });
});

describe("--preset next-word", () => {
  test("reports the average loss every 50 epochs, below 0.07 after 250, and goes on with a prompt", async () => {
    const { code, stdout, stderr } = await lstmWasm(["train", "--preset", "next-word"]);
    expect(code).toBe(0);
    const losses = new Map(
      [...stderr.matchAll(/epoch (\d+)\/300, loss ([\d.]+)/g)].map(([, e, l]) => [Number(e), Number(l)]),
    );
    expect([...losses.keys()]).toEqual([1, 50, 100, 150, 200, 250, 300]);
    expect(losses.get(1)).toBeCloseTo(Math.log(76), 1);
    expect(losses.get(250)).toBeLessThan(0.07);
    expect(stdout).toMatch(/Written by the model alone:\n {2}The forget gate decides what/);
    expect(stderr).toContain("on 117 words (76 distinct) in windows of 3");
  });

  test("every window of the text is continued rightly where the text itself is unambiguous", async () => {
    const { text, words: options, model: modelOptions, training } = presets["next-word"];
    const vocabulary = words(text, options);
    const tokens = vocabulary.encode(text);
    const model = await createModel({ ...modelOptions, vocabulary });
    for await (const _ of train(model, text, training));
    const followers = new Map<string, Set<number>>();
    for (let i = 0; i + 3 < tokens.length; i++) {
      const key = tokens.subarray(i, i + 3).join();
      followers.set(key, (followers.get(key) ?? new Set()).add(tokens[i + 3]!));
    }
    let unambiguous = 0;
    for (const [key, next] of followers) {
      if (next.size > 1) continue;
      unambiguous++;
      const prompt = vocabulary.decode(key.split(",").map(Number));
      let piece = "";
      for await (const written of generate(model, { prompt, maxTokens: 1, greedy: true })) piece += written;
      expect(`${prompt}${piece}`).toBe(vocabulary.decode([...key.split(",").map(Number), ...next]));
    }
    expect(unambiguous).toBeGreaterThan(100);
    expect((await predictNextTokens(model, text)).accuracy).toBeCloseTo((await evaluate(model, text)).accuracy!, 12);
  });
});

test("a preset's text read another way gets a passage of that kind", async () => {
  const { code, stdout } = await lstmWasm(["train", "--level=word", "--epochs=1", "--json", "--quiet"]);
  expect(code).toBe(0);
  expect(events(stdout).at(-1)).toMatchObject({ sample: expect.stringMatching(/^to be, or/) });
});

test("an option takes the place of a preset's", async () => {
  const { stdout } = await lstmWasm(["train", "--preset=next-word", "--epochs=1", "--window=2", "--json", "--quiet"]);
  expect(events(stdout)[0]).toMatchObject({ vocabularySize: 76, config: { window: 2, hiddenSize: 32, epochs: 1 } });
});
