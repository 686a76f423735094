import { describe, expect, test } from "vitest";
import { CharacterVocabulary, generate, type Model, predict, train } from "../../src/index.js";
import { fixture, jsonFixture } from "../bytes.js";
import { ConversionError, type ImportOptions, importModel } from "../internals/convert.js";
import { expectOutputs, importFixture, type Oracle } from "./compare.js";

interface Case extends Oracle {
  readonly files: readonly string[];
  readonly options: ImportOptions;
}

const cases = await jsonFixture<Record<string, Case>>("convert/pytorch.json");

const files = Object.values(cases).flatMap((found) => found.files.map((file) => [file, found] as const));

test.each(files)("%s gives PyTorch's logits", async (file, { options, ...oracle }) => {
  expectOutputs(await importFixture(file, options), oracle);
});

describe("tokens", () => {
  const file = "pytorch-tokens.pt";
  const vocabulary = new CharacterVocabulary([..."abcdefghi"]);

  test("that a file does not name are numbers", async () => {
    const model = await importFixture(file);
    expect(model.vocabulary.encode("8 0 3")).toEqual(Int32Array.of(8, 0, 3));
    expect(model.vocabulary.decode([8, 0, 3])).toBe("8 0 3");
  });

  test("may be given: the model generates and trains on", async () => {
    const model = await importModel(await fixture(`convert/${file}`), { vocabulary });
    let text = "";
    for await (const piece of generate(model, { prompt: "abc", maxTokens: 20 })) text += piece;
    expect(text).toMatch(/^[a-i]{20}$/);
    const losses: number[] = [];
    const options = { epochs: 60, batchSize: 4, sequenceLength: 9, learningRate: 0.02 };
    for await (const report of train(model, "abcdefghi".repeat(20), options)) losses.push(report.trainLoss);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  });

  test("have to be as many as the embedding has rows", async () => {
    const wrong = new CharacterVocabulary(["a"]);
    await expect(importFixture(file, { vocabulary: wrong })).rejects.toThrow("vocabulary: expected 9 tokens");
  });
});

test("layers of unequal width stay what they are in training", async () => {
  const { inputs } = cases["unequal"]!;
  const model = await importFixture("pytorch-unequal.pt");
  expect(model.config).toMatchObject({ hiddenSize: 7, layers: 3 });
  const examples = [{ inputs: inputs as number[][], targets: (inputs as number[][]).map(([a, b]) => [a!, b!]) }];
  const before = predict(model, inputs as number[][]);
  for await (const _ of train(model, examples, { epochs: 5, learningRate: 0.01 }));
  expect(predict(model, inputs as number[][])).not.toEqual(before);
  // Units 5 and 6 of the second layer, 3 to 6 of the third: no weight has come to lead to them, or from them.
  expect(deadUnits(model, 1)).toEqual([5, 6]);
  expect(deadUnits(model, 2)).toEqual([3, 4, 5, 6]);
});

function deadUnits(model: Model, layer: number): number[] {
  const { hiddenSize: H } = model.config;
  const recurrent = model.tensor(`lstm.weight_hh_l${layer}`);
  const isDead = (unit: number) =>
    [0, 1, 2, 3].every((gate) =>
      recurrent.subarray((gate * H + unit) * H, (gate * H + unit + 1) * H).every((value) => value === 0),
    ) && recurrent.every((value, i) => i % H !== unit || value === 0);
  return Array.from({ length: H }, (_, unit) => unit).filter(isDead);
}

test.each([
  [{}, /^classes: expected \d+ names, one for each output, got 2$/],
  [{ layers: "lstm" }, /^classes: expected none, since no linear layer follows, got 2$/],
])("classes of the wrong number are refused with both numbers: %j", async (options, reason) => {
  const reading = importModel(await fixture("convert/pytorch-tokens.pt"), { ...options, classes: ["a", "b"] });
  await expect(reading).rejects.toThrow(reason);
});

test("outputs may be classes, of the last step", async () => {
  const { inputs, outputs } = cases["without-biases"]!;
  const model = await importModel(await fixture("convert/pytorch-without-biases.safetensors"), {
    classes: ["a", "b", "c"],
    returnSequences: false,
  });
  const last = outputs.slice(-3).map(Math.exp);
  const sum = last.reduce((a, b) => a + b);
  for (const [i, probability] of predict(model, inputs as number[][]).entries())
    expect(probability).toBeCloseTo(last[i]! / sum, 5);
});

test.each([
  ["refused-module.pt", /object of "torch\.nn\.modules\.rnn\.LSTM": save the state_dict\(\) alone/],
  ["refused-old.pt", /a pickle, as PyTorch wrote before 1\.6/],
  ["refused-gru.safetensors", /weight_hh_l0: .* as of a GRU/],
  ["refused-projection.safetensors", /weight_hr_l0: .*projection/],
  ["refused-convolution.safetensors", /conv\.weight: it belongs to no embedding, LSTM or linear layer/],
])("%s is refused with a reason", async (file, reason) => {
  const refusal = await importFixture(file).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ConversionError);
  expect((refusal as Error).message).toMatch(reason);
});
