import { describe, test } from "vitest";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";
import { expectAgreement } from "./compare.js";
import { randomBatch, randomParameters, referencePass } from "./passes.js";
import { modelOf, Subject } from "./subject.js";

// What agreement.test.ts leaves out: an embedding, dropout, and scores for the last step alone.

/** [T, B]; the last has more rows than the matrix products take at a time. */
const SIZES = [
  [1, 1],
  [7, 1],
  [1, 3],
  [2, 5],
  [7, 4],
  [90, 3],
] as const;
const EMBEDDING_SIZES = [0, 1, 4, 6, 17];
const VARIANTS = EMBEDDING_SIZES.flatMap((embeddingSize) =>
  [1, 2, 3].flatMap((layers) =>
    [undefined, 0.25].flatMap((probability) =>
      [false, true].map((lastOnly) => ({ embeddingSize, layers, probability, lastOnly })),
    ),
  ),
);

describe.each(VARIANTS)(
  "embedding $embeddingSize, $layers layers, dropout $probability, last step only: $lastOnly",
  (variant) => {
    const { embeddingSize, layers, probability, lastOnly } = variant;
    const random = new Random(1);
    const shape = { vocabularySize: 7, hiddenSize: 5, layers, embeddingSize };
    const parameters = randomParameters(random, shape);
    const keys = Int32Array.from({ length: layers }, () => random.next());
    const cases = SIZES.map(([T, B]) => {
      const whole = randomBatch(random, shape, T, B);
      const targets = lastOnly ? whole.targets.subarray(0, B) : whole.targets;
      const batch = { ...whole, targets, ...(probability ? { dropout: { probability, keys } } : {}) };
      return { batch, expected: referencePass(parameters, shape, batch, 1) };
    });

    test.each(BACKENDS)("%s computes what the reference does", async (backend) => {
      const subject = new Subject(await modelOf(backend, shape, parameters));
      for (const { batch, expected } of cases)
        expectAgreement(subject.pass(batch, 1), expected, `T ${batch.T}, B ${batch.B}`);
    });
  },
);
