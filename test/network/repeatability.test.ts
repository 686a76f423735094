import { expect, test } from "vitest";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";
import { randomBatch, randomParameters } from "./passes.js";
import { modelOf, Subject } from "./subject.js";

const SHAPE = { vocabularySize: 7, hiddenSize: 5, layers: 2 };

test.each(BACKENDS.flatMap((backend) => [1, 3].map((B) => [backend, B] as const)))(
  "%s gives the same bits again, and on another memory, B %i",
  async (backend, B) => {
    const random = new Random(1);
    const parameters = randomParameters(random, SHAPE);
    const batch = randomBatch(random, SHAPE, 7, B);
    const subject = new Subject(await modelOf(backend, SHAPE, parameters));
    const other = new Subject(await modelOf(backend, SHAPE, parameters));
    const results = subject.pass(batch, 1);
    expect(subject.pass(batch, 1)).toEqual(results);
    expect(other.pass(batch, 1)).toEqual(results);
  },
);

test.each(BACKENDS)("%s gives a sequence the same bits alone and among others", async (backend) => {
  const [T, B] = [4, 6];
  const random = new Random(1);
  const subject = new Subject(await modelOf(backend, SHAPE, randomParameters(random, SHAPE)));
  const batch = randomBatch(random, SHAPE, T, B);
  const { scores } = subject.pass(batch, 1);
  for (let b = 0; b < B; b++) {
    // A column of [steps, B, n].
    const columnOf = (all: Float64Array, n: number) => all.filter((_, i) => Math.floor(i / n) % B === b);
    const alone = {
      ...batch,
      B: 1,
      tokens: batch.tokens.filter((_, row) => row % B === b),
      targets: batch.targets.filter((_, row) => row % B === b),
      h0: columnOf(batch.h0, SHAPE.hiddenSize),
      c0: columnOf(batch.c0, SHAPE.hiddenSize),
    };
    expect(subject.pass(alone, 1).scores).toEqual(columnOf(scores!, SHAPE.vocabularySize));
  }
});
