import { beforeAll, describe, expect, test } from "vitest";
import {
  characters,
  createModel,
  evaluate,
  type GenerateOptions,
  generate,
  generateSamples,
  type Model,
  OptionError,
  train,
  UnknownTokenError,
} from "../../src/index.js";
import { predictNextTokens } from "../../src/inspect.js";
import { words } from "../../src/words.js";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";

// Learned by heart within a second: each character settles the next, but for the two ways on after "c".
const text = "abcd😀é".repeat(30) + "abce".repeat(10);
let model: Model;

beforeAll(async () => {
  model = await createModel({ vocabulary: characters(text), hiddenSize: 16 });
  for await (const _ of train(model, text, { epochs: 60, batchSize: 2, sequenceLength: 20, learningRate: 0.01 }));
});

async function write(options: Partial<GenerateOptions>): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of generate(model, { prompt: "ab", maxTokens: 50, ...options })) pieces.push(piece);
  return pieces;
}

test("greedy writing goes on as the text does", async () => {
  expect((await write({ prompt: "abcd😀éabc", maxTokens: 10, greedy: true })).join("")).toBe("d😀éabcd😀éa");
});

test("pieces are whole characters, as many as were asked for", async () => {
  const pieces = await write({ maxTokens: 200, temperature: 3 });
  expect(pieces).toHaveLength(200);
  for (const piece of pieces) expect(model.vocabulary.tokens).toContain(piece);
  expect(await write({ maxTokens: 0 })).toEqual([]);
});

test("a seed writes the same, another seed something else", async () => {
  const wild = { temperature: 2, maxTokens: 100 };
  expect(await write({ ...wild, seed: 5 })).toEqual(await write({ ...wild, seed: 5 }));
  expect(await write({ ...wild, seed: 5 })).not.toEqual(await write({ ...wild, seed: 6 }));
});

test("one most probable token is greedy, whatever the temperature", async () => {
  const greedy = await write({ greedy: true });
  expect(await write({ topK: 1, temperature: 5 })).toEqual(greedy);
  expect(await write({ topP: 1e-6, temperature: 5 })).toEqual(greedy);
});

test("a low temperature is greedy, a high one is not", async () => {
  const greedy = await write({ greedy: true });
  expect(await write({ temperature: 0.01 })).toEqual(greedy);
  expect(await write({ temperature: 100 })).not.toEqual(greedy);
});

test("two generations do not disturb one another", async () => {
  const alone = await write({ temperature: 2, seed: 9 });
  const [one, other] = [
    generate(model, { prompt: "ab", maxTokens: 50, temperature: 2, seed: 9 }),
    generate(model, { prompt: "c" }),
  ];
  const pieces: string[] = [];
  for await (const piece of one) {
    pieces.push(piece);
    await other.next();
  }
  expect(pieces).toEqual(alone);
});

describe("several samples side by side", () => {
  const wild = { prompt: "abc", maxTokens: 60, temperature: 2 };
  /** The seeds with which single texts are those of one seed, side by side. */
  const seedsOf = (seed: number, samples: number) => {
    const random = new Random(seed);
    return Array.from({ length: samples }, (_, i) => (i === 0 ? seed : random.next()));
  };

  test.each([{}, { topK: 3 }, { topP: 0.7 }, { greedy: true }, { seed: 2 ** 32 - 2 }])(
    "%o: are what as many calls with seeds of their own write",
    async (options) => {
      const { seed = 1 } = { ...options };
      const texts = await generateSamples(model, { ...wild, ...options, samples: 5 });
      expect(texts).toHaveLength(5);
      const seeds = seedsOf(seed, 5);
      for (const [i, text] of texts.entries())
        expect((await write({ ...wild, ...options, seed: seeds[i]! })).join("")).toBe(text);
      expect(await generateSamples(model, { ...wild, ...options, samples: 2 })).toEqual(texts.slice(0, 2));
    },
  );

  test("with a window, too", async () => {
    const windowed = await createModel({ vocabulary: characters(text), hiddenSize: 8, window: 4, seed: 3 });
    const texts = await generateSamples(windowed, { ...wild, prompt: "ab", samples: 3 });
    for (const [i, sample] of texts.entries()) {
      let alone = "";
      const seed = seedsOf(1, 3)[i]!;
      for await (const piece of generate(windowed, { ...wild, prompt: "ab", seed })) alone += piece;
      expect(alone).toBe(sample);
    }
  });

  test("are others with every other seed", async () => {
    const all = await Promise.all([1, 2, 3].map((seed) => generateSamples(model, { ...wild, samples: 8, seed })));
    expect(new Set(all.flat()).size).toBe(24);
  });

  test("each ends at its own stop text", async () => {
    const texts = await generateSamples(model, { ...wild, samples: 4, stop: "a" });
    for (const sample of texts) expect(sample.indexOf("a")).toBe(sample.length < 60 ? sample.length - 1 : -1);
    expect(new Set(texts.map(({ length }) => length)).size).toBeGreaterThan(1);
  });

  test.each([0, 1.5, -1])("%d of them is an OptionError", async (samples) => {
    await expect(generateSamples(model, { prompt: "ab", samples })).rejects.toThrow(OptionError);
  });

  test("an aborted signal ends them", async () => {
    const signal = AbortSignal.timeout(50);
    await expect(generateSamples(model, { ...wild, maxTokens: 1e9, samples: 3, signal })).rejects.toThrow(/time.*out/i);
  });
});

test("any of several stop texts ends it", async () => {
  const whole = (await write({ maxTokens: 60 })).join("");
  const ends = ["cd", "b"].map((stop) => whole.indexOf(stop) + stop.length);
  expect(whole).not.toContain("zz");
  const stopped = (await write({ maxTokens: 60, stop: ["zz", "cd", "b"] })).join("");
  expect(stopped).toBe(whole.slice(0, Math.min(...ends)));
  for (const stop of ["", [""], 5, ["a", 5]])
    await expect(write({ stop: stop as string })).rejects.toThrow(/stop: expected a non-empty string, or an array/);
});

test("a repetition penalty makes what has been read or written less likely", async () => {
  const distinct = async (repetitionPenalty: number) =>
    new Set(await write({ maxTokens: 5, greedy: true, repetitionPenalty })).size;
  // Whatever the logits are: each token that has not been seen comes before all that have.
  expect(await distinct(1e30)).toBeGreaterThan(await distinct(1e-30));
  const once = await write({ maxTokens: 40, seed: 5 });
  expect(await write({ maxTokens: 40, seed: 5, repetitionPenalty: 1 })).toEqual(once);
  expect(await write({ maxTokens: 40, seed: 5, repetitionPenalty: 1.5 })).not.toEqual(once);
  const samples = await generateSamples(model, { prompt: "abc", samples: 3, maxTokens: 20, repetitionPenalty: 1.5 });
  const [first] = samples;
  expect((await write({ prompt: "abc", maxTokens: 20, repetitionPenalty: 1.5 })).join("")).toBe(first);
  await expect(write({ repetitionPenalty: 0 })).rejects.toThrow("repetitionPenalty: expected a number above 0");
});

test("<unk> is suppressed where that is asked for", async () => {
  const vocabulary = words("to be or not to be", { minFrequency: 2 });
  const unsure = await createModel({ vocabulary, hiddenSize: 4 });
  const text = async (options: object) =>
    (await generateSamples(unsure, { prompt: "to", samples: 4, ...options })).join();
  expect(await text({})).toContain("<unk>");
  expect(await text({ suppressUnk: true })).not.toContain("<unk>");
  expect(await text({ suppressUnk: true, topK: 1 })).not.toContain("<unk>");
  // As a prompt of unknown words alone leaves it: <unk> has been read, and is likeliest.
  unsure.setTensor("linear.bias", [100, 0, 0]);
  expect(await text({ greedy: true })).toContain("<unk>");
  expect(await text({ greedy: true, suppressUnk: true })).not.toContain("<unk>");
  unsure.free();
});

test("an empty prompt stands for a line break, or the first token of a vocabulary without", async () => {
  const lines = await createModel({ vocabulary: characters("b\na c"), hiddenSize: 4 });
  const [empty, line] = await Promise.all(["", "\n"].map((prompt) => generateSamples(lines, { prompt, samples: 2 })));
  expect(empty).toEqual(line);
  lines.free();
  expect(await write({ prompt: "" })).toEqual(await write({ prompt: model.vocabulary.tokens[0]! }));
});

test("an unknown character in the prompt is named", async () => {
  await expect(write({ prompt: "abX" })).rejects.toThrow(UnknownTokenError);
  await expect(write({ prompt: "abX" })).rejects.toThrow('"X" (U+0058) at position 2');
});

test("an aborted signal ends writing", async () => {
  const signal = AbortSignal.timeout(50);
  await expect(write({ maxTokens: 1e9, signal })).rejects.toThrow(/time.*out/i);
});

describe("evaluation", () => {
  test("its figures belong together", async () => {
    const { predictions, loss, perplexity, bitsPerCharacter, accuracy } = await evaluate(model, text);
    expect(predictions).toBe([...text].length - 1);
    expect(perplexity).toBeCloseTo(Math.exp(loss));
    expect(bitsPerCharacter).toBeCloseTo(loss / Math.log(2));
    expect(accuracy).toBeGreaterThan(0.9);
    expect(loss).toBeLessThan(0.3);
  });

  test("predictions are in the text's order, read as one stream or as several", async () => {
    const one = await predictNextTokens(model, text);
    expect([...one.text]).toHaveLength([...text].length - 1);
    expect([...one.sampledText]).toHaveLength([...text].length - 1);
    expect(one.text.slice(0, 20)).toBe(text.slice(1, 21));
    const four = await predictNextTokens(model, text, { batchSize: 4 });
    // All but the first few characters of each stream, which lack what went before.
    expect(four.accuracy).toBeGreaterThan(0.85);
    expect(four.text.slice(0, 20)).toBe(one.text.slice(0, 20));
  });

  test("accuracy is the share of predictions that are right", async () => {
    const { text: predicted, accuracy } = await predictNextTokens(model, text);
    const right = [...predicted].filter((character, i) => character === [...text][i + 1]).length;
    expect(accuracy).toBeCloseTo(right / ([...text].length - 1), 12);
    expect((await evaluate(model, text)).accuracy).toBeCloseTo(accuracy, 12);
  });

  test.each(BACKENDS)("a fresh model with %s is as unsure as a die", async (backend) => {
    const fresh = await createModel({ vocabulary: characters("abcdef"), initialization: "normal", backend });
    expect((await evaluate(fresh, "abcdef".repeat(100))).perplexity).toBeCloseTo(6, 2);
  });
});
