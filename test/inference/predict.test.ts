import { describe, expect, test } from "vitest";
import {
  characters,
  createModel,
  evaluate,
  InputError,
  type Model,
  type ModelOptions,
  predict,
} from "../../src/index.js";
import { words } from "../../src/words.js";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";
import { argmax } from "../internals/inference.js";
import { FLOAT32_TOLERANCE, integers, normals, relativeError } from "../kernels/tensors.js";
import { forward, oneHot, type Tensors } from "../reference.js";

const vocabulary = characters("abcdefg");
const tokens = [0, 3, 6, 6, 1];

/** Parameters large enough to have opinions. */
const makeModel = (options: Parameters<typeof createModel>[0]) =>
  createModel({ hiddenSize: 5, layers: 2, initialization: "normal", initStd: 0.7, ...options });

const tensorsOf = (model: Model): Tensors =>
  Object.fromEntries(model.tensors.map(({ name }) => [name, Float64Array.from(model.tensor(name))]));

function softmax(scores: Float64Array): Float64Array {
  const e = scores.map(Math.exp);
  const sum = e.reduce((a, b) => a + b);
  return e.map((x) => x / sum);
}

/** What the reference makes of a sequence from a zero state: a row for each step. */
function referenceRows(model: Model, x: Float64Array): Float64Array[] {
  const { hiddenSize: H, layers } = model.config;
  const [I, V] = [model.input.size, model.output.size];
  const T = x.length / I;
  const zero = new Float64Array(layers * H);
  const { scores } = forward(tensorsOf(model), { T, B: 1, I, H, V, layers }, x, zero, zero);
  return Array.from({ length: T }, (_, t) => scores.slice(t * V, (t + 1) * V));
}

describe.each(BACKENDS)("%s", (backend) => {
  test("tokens: a row of probabilities for each step", async () => {
    const model = await makeModel({ vocabulary, backend });
    const rows = referenceRows(model, oneHot(tokens, 7)).map(softmax);
    const result = predict(model, tokens);
    expect(
      relativeError(
        result,
        rows.flatMap((row) => [...row]),
      ),
    ).toBeLessThan(FLOAT32_TOLERANCE);
    for (let t = 0; t < tokens.length; t++) {
      const sum = result.subarray(t * 7, (t + 1) * 7).reduce((a, b) => a + b);
      expect(Math.abs(sum - 1)).toBeLessThan(FLOAT32_TOLERANCE);
    }
  });

  const lastOnly: ModelOptions[] = [{ classes: ["x", "y", "z"] }, { returnSequences: false }, { window: 3 }];
  test.each(lastOnly)("tokens, of %o only the last step", async (options) => {
    const model = await makeModel({ vocabulary, backend, ...options });
    const expected = softmax(referenceRows(model, oneHot(tokens, 7)).at(-1)!);
    const result = predict(model, tokens);
    expect(result).toHaveLength(options.classes?.length ?? 7);
    expect(relativeError(result, expected)).toBeLessThan(FLOAT32_TOLERANCE);
  });

  test.each([true, false])("vectors: values come as they are, returnSequences %s", async (returnSequences) => {
    const model = await makeModel({ inputSize: 3, outputSize: 2, returnSequences, backend });
    const x = normals(new Random(1), 4 * 3);
    const rows = referenceRows(model, x);
    const expected = !returnSequences ? rows.at(-1)! : rows.flatMap((row) => [...row]);
    const result = predict(model, x);
    expect(result).toHaveLength(!returnSequences ? 2 : 8);
    expect(relativeError(result, expected)).toBeLessThan(FLOAT32_TOLERANCE);
  });

  test.each([true, false])(
    "evaluate gives the loss and accuracy of the outputs, returnSequences %s",
    async (returnSequences) => {
      const model = await makeModel({ vocabulary, outputSize: 3, returnSequences, backend });
      const random = new Random(1);
      const examples = Array.from({ length: 150 }, (_, i) => {
        const T = 1 + (i % 4);
        return { inputs: integers(random, T, 0, 6), targets: integers(random, !returnSequences ? 1 : T, 0, 2) };
      });
      let [correct, loss, predictions] = [0, 0, 0];
      for (const { inputs, targets } of examples) {
        const result = predict(model, inputs);
        for (const [s, target] of Array.from(targets).entries()) {
          if (argmax(result, 3 * s, 3) === target) correct++;
          loss -= Math.log(result[3 * s + target]!);
          predictions++;
        }
      }
      const evaluation = await evaluate(model, examples);
      expect(evaluation.predictions).toBe(predictions);
      expect(evaluation.accuracy).toBe(correct / predictions);
      expect(relativeError([evaluation.loss], [loss / predictions])).toBeLessThan(FLOAT32_TOLERANCE);
      expect(evaluation.perplexity).toBe(Math.exp(evaluation.loss));
      expect(evaluation.bitsPerCharacter).toBeUndefined();
    },
  );

  test("the loss of evaluate on values is the mean squared error", async () => {
    const model = await makeModel({ inputSize: 2, outputSize: 3, returnSequences: false, backend });
    const random = new Random(1);
    const examples = Array.from({ length: 70 }, () => ({ inputs: normals(random, 8), targets: normals(random, 3) }));
    const squares = examples.flatMap(({ inputs, targets }) =>
      Array.from(predict(model, inputs), (value, i) => (value - targets[i]!) ** 2),
    );
    const mean = squares.reduce((a, b) => a + b) / squares.length;
    const { loss, ...others } = await evaluate(model, examples);
    expect(relativeError([loss], [mean])).toBeLessThan(FLOAT32_TOLERANCE);
    expect(others).toEqual({ predictions: 70 });
  });
});

test("a sequence gives the same bits again, and after others", async () => {
  const model = await makeModel({ vocabulary: words("to be or not to be"), embeddingSize: 3, returnSequences: true });
  const first = predict(model, [0, 1, 2, 3]);
  predict(model, [3]);
  expect(predict(model, [0, 1, 2, 3])).toEqual(first);
});

describe("refused", () => {
  const cases: [string, Parameters<typeof createModel>[0], number[], string][] = [
    ["no tokens", { vocabulary }, [], "expected at least one input, got none"],
    ["half a vector", { inputSize: 2 }, [1, 2, 3], "expected a multiple of 2 inputs, got 3 numbers"],
    ["an unknown token", { vocabulary }, [1, 7], "inputs[1]: expected an integer from 0 to 6, got 7"],
    ["half a token", { vocabulary }, [0.5], "inputs[0]: expected an integer from 0 to 6, got 0.5"],
    ["NaN", { inputSize: 2 }, [1, Number.NaN], "inputs[1]: expected a finite number, got NaN"],
    ["what no float32 is", { inputSize: 1 }, [1e39], "inputs[0]: expected a finite number, got 1e+39"],
  ];
  test.each(cases)("%s", async (_, options, inputs, message) => {
    const model = await makeModel(options);
    expect(() => predict(model, inputs)).toThrow(InputError);
    expect(() => predict(model, inputs)).toThrow(message);
  });
});
