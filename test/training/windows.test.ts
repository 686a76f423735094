import { beforeAll, describe, expect, test } from "vitest";
import {
  characters,
  createModel,
  type Example,
  evaluate,
  type GenerateOptions,
  generate,
  type Model,
  type ModelOptions,
  predict,
  train,
} from "../../src/index.js";
import { predictNextTokens } from "../../src/inspect.js";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";
import { argmax } from "../internals/inference.js";
import { FLOAT32_TOLERANCE, integers, relativeError } from "../kernels/tensors.js";
import { backward, crossEntropy, forward, oneHot, type Tensors } from "../reference.js";

const WINDOW = 4;
const text = "she sells sea shells by the sea shore";
const vocabulary = characters(text);
const tokens = vocabulary.encode(text);

/** Parameters large enough to have opinions. */
const makeModel = (options: ModelOptions = {}) =>
  createModel({
    vocabulary,
    hiddenSize: 9,
    window: WINDOW,
    initialization: "normal",
    initStd: 0.7,
    ...options,
  });

async function write(model: Model, options: GenerateOptions): Promise<string> {
  let written = "";
  for await (const piece of generate(model, { maxTokens: 30, ...options })) written += piece;
  return written;
}

/** The windows of the text, and the token after each. */
const windows = Array.from({ length: tokens.length - WINDOW }, (_, i) => ({
  inputs: tokens.slice(i, i + WINDOW),
  target: tokens[i + WINDOW]!,
}));

describe.each(BACKENDS)("%s", (backend) => {
  let model: Model;
  beforeAll(async () => {
    model = await makeModel({ backend });
  });

  test.each([{ greedy: true }, { temperature: 2, seed: 5 }])(
    "writing with %o sees the window alone",
    async (options) => {
      const expected = await write(model, { prompt: "hell", ...options });
      for (const before of ["s", "she ", "sea sea sea sea sea ", "shells".repeat(100)])
        expect(await write(model, { prompt: before + "hell", ...options })).toBe(expected);
    },
  );

  test("a model without a window sees more", async () => {
    const carried = await makeModel({ backend, window: 0, forgetBias: 5 });
    const options = { temperature: 2, maxTokens: 100 };
    expect(await write(carried, { prompt: "she hell", ...options })).not.toBe(
      await write(carried, { prompt: "sea hell", ...options }),
    );
  });

  test("each generated token depends on the last window, which is shorter at first", async () => {
    const prompt = "se";
    const written = prompt + (await write(model, { prompt, greedy: true }));
    for (let end = prompt.length; end < written.length; end++) {
      const context = vocabulary.encode(written.slice(Math.max(0, end - WINDOW), end));
      expect(vocabulary.tokens[argmax(predict(model, context), 0, vocabulary.size)]).toBe(written[end]);
    }
  });

  test("predict and evaluate read every window from a zero state", async () => {
    const rows = windows.map(({ inputs }) => predict(model, inputs));
    const best = rows.map((row) => argmax(row, 0, row.length));
    const accuracy = best.filter((token, i) => token === windows[i]!.target).length / best.length;
    for (const batchSize of [1, 3, 100]) {
      const prediction = await predictNextTokens(model, text, { batchSize });
      expect(prediction.text).toBe(vocabulary.decode(best));
      expect(prediction.accuracy).toBe(accuracy);
    }
    const loss = rows.reduce((sum, row, i) => sum - Math.log(row[windows[i]!.target]!), 0) / rows.length;
    const evaluation = await evaluate(model, text);
    expect(evaluation.predictions).toBe(windows.length);
    expect(evaluation.accuracy).toBe(accuracy);
    expect(relativeError([evaluation.loss], [loss])).toBeLessThan(FLOAT32_TOLERANCE);
  });

  test.each([1, 5, 100])(
    "training with batch size %i has the loss and gradient of the reference",
    async (batchSize) => {
      const fresh = await makeModel({ backend, layers: 2 });
      const { loss, norm } = referenceEpoch(fresh, batchSize);
      // A learning rate that moves no parameter, so that every update starts from the same.
      const training = train(fresh, text, { epochs: 1, batchSize, optimizer: "sgd", learningRate: 1e-30 });
      const { value: report } = await training.next();
      expect(relativeError([report!.trainLoss], [loss])).toBeLessThan(FLOAT32_TOLERANCE);
      expect(relativeError([report!.gradientNorm], [norm])).toBeLessThan(FLOAT32_TOLERANCE);
      expect(report).toMatchObject({ step: Math.ceil(windows.length / batchSize), tokens: windows.length * WINDOW });
    },
  );
});

/** The mean loss of an epoch in which nothing is learned, and the norm of the gradient of its last update. */
function referenceEpoch(model: Model, batchSize: number): { loss: number; norm: number } {
  const { hiddenSize: H, layers } = model.config;
  const V = vocabulary.size;
  const parameters: Tensors = Object.fromEntries(
    model.tensors.map(({ name }) => [name, Float64Array.from(model.tensor(name))]),
  );
  let [total, norm] = [0, 0];
  for (let from = 0; from < windows.length; from += batchSize) {
    const batch = windows.slice(from, from + batchSize);
    const B = batch.length;
    const sizes = { T: WINDOW, B, I: V, H, V, layers };
    const inputs = Array.from({ length: WINDOW }, (_, t) => batch.map((window) => window.inputs[t]!)).flat();
    const zero = new Float64Array(layers * B * H);
    const pass = forward(parameters, sizes, oneHot(inputs, V), zero, zero);
    const last = (WINDOW - 1) * B * V;
    const targets = batch.map(({ target }) => target);
    const { loss, gradient } = crossEntropy(pass.scores.subarray(last), targets, V);
    const dScores = new Float64Array(pass.scores.length);
    dScores.set(
      gradient.map((d) => d / B),
      last,
    );
    const gradients = backward(parameters, sizes, pass, dScores).parameters;
    norm = Math.hypot(...Object.values(gradients).flatMap((values) => [...values]));
    total += loss;
  }
  return { loss: total / windows.length, norm };
}

test("a classifier learns whether a sequence ends as it begins, and generalizes to unseen sequences", async () => {
  const model = await createModel({ vocabulary: characters("abc"), classes: ["no", "yes"], hiddenSize: 16 });
  const random = new Random(1);
  const examples: Example[] = Array.from({ length: 600 }, () => {
    const inputs = integers(random, 3 + (random.next() % 3), 0, 2);
    return { inputs, targets: [inputs[0] === inputs.at(-1) ? 1 : 0] };
  });
  const [seen, unseen] = [examples.slice(0, 400), examples.slice(400)];
  for await (const _ of train(model, seen, { epochs: 40, batchSize: 16, learningRate: 0.01 }));
  expect((await evaluate(model, seen)).accuracy).toBeGreaterThan(0.95);
  expect((await evaluate(model, unseen)).accuracy).toBeGreaterThan(0.95);
  expect(predict(model, [0, 1, 2, 0])[1]).toBeGreaterThan(0.9);
});

test.each([text, "ab"])(
  "a classifier of %j neither writes nor is trained on a text or evaluated with one",
  async (known) => {
    // With two characters there are as many classes as tokens.
    const model = await createModel({ vocabulary: characters(known), classes: ["no", "yes"], hiddenSize: 4 });
    const longer = known.repeat(9);
    await expect(write(model, { prompt: known })).rejects.toThrow("next token");
    await expect(evaluate(model, longer)).rejects.toThrow("next token");
    await expect(predictNextTokens(model, longer)).rejects.toThrow("next token");
    await expect(train(model, longer, { batchSize: 2 }).next()).rejects.toThrow("next token");
  },
);
