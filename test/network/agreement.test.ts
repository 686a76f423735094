import { describe, test } from "vitest";
import { BACKENDS } from "../backends.js";
import { every } from "../full.js";
import { Random } from "../internals/common.js";
import { expectAgreement } from "./compare.js";
import { randomBatch, randomParameters, referencePass } from "./passes.js";
import { modelOf, Subject } from "./subject.js";

const HIDDEN_SIZES = [1, 3, 4, 5, 8, 17, 25];
const VOCABULARY_SIZES = [2, 3, 5, 8, 65];
const LAYERS = [1, 2, 3];
const LENGTHS = [1, 2, 7];
const BATCH_SIZES = [1, 2, 3, 4, 5, 9];

const SHAPES = HIDDEN_SIZES.flatMap((hiddenSize) =>
  VOCABULARY_SIZES.flatMap((vocabularySize) => LAYERS.map((layers) => ({ vocabularySize, hiddenSize, layers }))),
);

describe.each(every(4, SHAPES))("H $hiddenSize, V $vocabularySize, $layers layers", (shape) => {
  const random = new Random(1);
  const parameters = randomParameters(random, shape);
  const cases = LENGTHS.flatMap((T) => BATCH_SIZES.map((B) => randomBatch(random, shape, T, B))).map((batch) => ({
    batch,
    expected: referencePass(parameters, shape, batch, 1),
  }));

  test.each(BACKENDS)("%s computes what the reference does", async (backend) => {
    const subject = new Subject(await modelOf(backend, shape, parameters));
    for (const { batch, expected } of cases)
      expectAgreement(subject.pass(batch, 1), expected, `T ${batch.T}, B ${batch.B}`);
  });
});
