import { expect, test } from "vitest";
import { characters, createModel, evaluate, train } from "../../src/index.js";
import { words } from "../../src/words.js";

test("evaluate tells which share of a text is <unk>, and the figures without it", async () => {
  const text = "one two three one two three one two rare ".repeat(10);
  const vocabulary = words(text, { minFrequency: 11 });
  expect(vocabulary.tokens).toEqual(["<unk>", "one", "three", "two"]);
  const model = await createModel({ vocabulary, hiddenSize: 6, backend: "simd" });
  await train(model, text, { epochs: 60, batchSize: 1, learningRate: 0.05 });
  const none = await evaluate(model, "nobody knows any of these words at all");
  expect(none).toMatchObject({ unknown: 1, predictions: 7 });
  expect(none.known).toBeUndefined();

  const some = await evaluate(model, "one two who one two");
  expect(some.unknown).toBe(1 / 4);
  expect(some.predictions).toBe(4);
  expect(some.known!.predictions).toBe(3);
  // Of each prediction by itself: the loss of a text grows by it.
  const upTo = async (end: number) => {
    const { loss, predictions } = await evaluate(model, vocabulary.encode("one two who one two").subarray(0, end));
    return loss * predictions;
  };
  const ofUnknown = (await upTo(3)) - (await upTo(2));
  expect(some.known!.loss).toBeCloseTo((some.loss * 4 - ofUnknown) / 3, 10);
  expect(some.known!.perplexity).toBe(Math.exp(some.known!.loss));

  const all = await evaluate(model, "one two one two");
  expect(all).toMatchObject({ unknown: 0, known: { predictions: 3, loss: all.loss, accuracy: all.accuracy! } });
});

test("a vocabulary without <unk> has no such figures", async () => {
  const model = await createModel({ vocabulary: characters("ab"), hiddenSize: 4 });
  const evaluation = await evaluate(model, "abab");
  expect(evaluation).not.toHaveProperty("unknown");
  expect(evaluation).not.toHaveProperty("known");
});
