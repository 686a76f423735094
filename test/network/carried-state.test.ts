import { describe, expect, test } from "vitest";
import { BACKENDS } from "../backends.js";
import { Random } from "../internals/common.js";
import { type Batch, randomBatch, randomParameters } from "./passes.js";
import { modelOf, Subject } from "./subject.js";

const T = 7;
const SHAPE = { vocabularySize: 7, hiddenSize: 5, layers: 2 };

/** Steps `from` to `to` of a batch, from another state. */
function chunkOf({ B, tokens, targets }: Batch, from: number, to: number, h0: Float64Array, c0: Float64Array): Batch {
  const steps = (all: Int32Array) => all.slice(from * B, to * B);
  return { T: to - from, B, tokens: steps(tokens), targets: steps(targets), h0, c0 };
}

describe.each(BACKENDS)("%s, two chunks with the state carried over", (backend) => {
  test.each([1, 3].flatMap((B) => [1, 3, 6].map((cut) => [cut, B] as const)))(
    "%i steps and the rest give the bits of the whole sequence, B %i",
    async (cut, B) => {
      const random = new Random(1);
      const subject = new Subject(await modelOf(backend, SHAPE, randomParameters(random, SHAPE)));
      const batch = randomBatch(random, SHAPE, T, B);
      const whole = subject.pass(batch, 1);
      const first = subject.pass(chunkOf(batch, 0, cut, batch.h0, batch.c0), 1);
      const second = subject.pass(chunkOf(batch, cut, T, first.h_n!, first.c_n!), 1);
      expect([...first.scores!, ...second.scores!]).toEqual([...whole.scores!]);
      expect(second.h_n).toEqual(whole.h_n);
      expect(second.c_n).toEqual(whole.c_n);
    },
  );
});
