import { describe, expect, test } from "vitest";
import { InputError } from "../../src/index.js";
import { type Example, ExampleBatches, type FeatureSpec, readExamples } from "../internals/data.js";
import { padded } from "../internals/kernels.js";
import { Packing } from "../internals/network.js";
import { writeNext } from "./write-next.js";

const TOKENS: FeatureSpec = { kind: "categorical", size: 1000 };
const PAIRS: FeatureSpec = { kind: "continuous", size: 2 };

/** Examples of these lengths; example i has the inputs 10·i, 10·i + 1, … and the target i. */
const ofLengths = (...lengths: number[]): Example[] =>
  lengths.map((length, i) => ({ inputs: Array.from({ length }, (_, t) => 10 * i + t), targets: [i] }));

const read = (
  examples: Example[],
  batchSize: number,
  input: FeatureSpec,
  output: FeatureSpec,
  returnSequences: boolean,
) => {
  const spec = { input, output, returnSequences };
  return new ExampleBatches(readExamples(examples, spec), batchSize, spec);
};

const batchesOf = (examples: Example[], batchSize: number) => read(examples, batchSize, TOKENS, TOKENS, false);

/** The rest of an epoch, as [inputs, targets], each step's rows after those of the step before. */
function chunks(batches: ExampleBatches): [number[], number[]][] {
  const all: [number[], number[]][] = [];
  while (batches.nextLength > 0) {
    const { nextSteps, nextBatchSize: B } = batches;
    const integers = new Int32Array(nextSteps + B).fill(-1);
    writeNext(batches, { integers, floats: new Float32Array(integers.buffer), inputs: 0, targets: 4 * nextSteps });
    all.push([Array.from(integers.subarray(0, nextSteps)), Array.from(integers.subarray(nextSteps))]);
  }
  return all;
}

/** Which examples each chunk holds. */
const order = (batches: ExampleBatches) => chunks(batches).map(([, targets]) => targets);

test("examples form chunks as they come, the longest first, and at each step those that have it", () => {
  const batches = batchesOf(ofLengths(2, 1, 2, 2, 1, 3), 2);
  expect(batches).toMatchObject({ ragged: true, nextLengths: [2, 1], nextSteps: 3, nextPredictions: 2 });
  expect(chunks(batches)).toEqual([
    [
      [0, 10, 1],
      [0, 1],
    ],
    [
      [20, 30, 21, 31],
      [2, 3],
    ],
    [
      [50, 40, 51, 52],
      [5, 4],
    ],
  ]);
  expect(batches).toMatchObject({ batchSize: 2, chunkLength: 3, chunksPerEpoch: 3, predictionsPerEpoch: 6 });
  expect([1, 2, 6].map((count) => batches.mostSteps(count))).toEqual([3, 5, 11]);
});

test("a slice has the targets of the sequences that end in it, every other sequence is another shard's", () => {
  const batches = batchesOf(ofLengths(4, 1, 3, 2), 4);
  const write = (from: number, to: number, first: number, stride: number, lengths: number[], rows: number) => {
    const integers = new Int32Array(rows + 4).fill(-9);
    const floats = new Float32Array(integers.buffer);
    const packing = new Packing(lengths);
    const slice = { from, to, first, stride, count: lengths.length };
    batches.write({ integers, floats }, { inputs: 0, targets: 4 * rows, weights: 0, packing }, slice);
    return [[...integers.subarray(0, rows)], [...integers.subarray(rows)].filter((target) => target !== -9)];
  };
  // In order of length: 0 (4 steps), 2 (3), 3 (2), 1 (1).
  expect(write(0, 2, 0, 1, [2, 2, 2, 1], 7)).toEqual([
    [0, 20, 30, 10, 1, 21, 31],
    [3, 1],
  ]);
  expect(write(2, 4, 0, 1, [2, 1], 3)).toEqual([
    [2, 22, 3],
    [0, 2],
  ]);
  expect(write(0, 4, 1, 2, [3, 1], 4)).toEqual([
    [20, 10, 21, 22],
    [2, 1],
  ]);
});

test("targets that are left out, and weights, make fewer predictions", () => {
  const VALUES: FeatureSpec = { kind: "continuous", size: 2 };
  const examples: Example[] = [
    { inputs: [1, 2], targets: [Number.NaN, 1, Number.NaN, Number.NaN] },
    { inputs: [3], targets: [1, 2], weight: 3 },
  ];
  expect(read(examples, 2, TOKENS, VALUES, true)).toMatchObject({ predictionsPerEpoch: 3.5, weighted: true });
  const tokens = [{ inputs: [1, 2, 3], targets: [-1, 4, -1] }];
  expect(read(tokens, 2, TOKENS, TOKENS, true)).toMatchObject({ predictionsPerEpoch: 1, weighted: false });
  const none = [{ inputs: [1], targets: [-1] }];
  expect(() => read(none, 2, TOKENS, TOKENS, true)).toThrow(
    new InputError("no target counts: all are -1 or NaN, or have the weight 0"),
  );
  expect(() => read([{ ...tokens[0]!, weight: -1 }], 1, TOKENS, TOKENS, true)).toThrow("example 0, weight: expected");
  const spec = { input: TOKENS, output: { kind: "categorical", size: 3 }, returnSequences: true } as const;
  const classes = readExamples([{ inputs: [1, 2, 3], targets: [0, 2, -1], weight: 2 }], spec);
  const batches = new ExampleBatches(classes, 1, spec, [0.5, 1, 10]);
  expect(batches).toMatchObject({ predictionsPerEpoch: 21, nextPredictions: 21, weighted: true });
  const floats = new Float32Array(9);
  const slice = { from: 0, to: 3, first: 0, stride: 1, count: 1 };
  const memory = { floats, integers: new Int32Array(floats.buffer) };
  batches.write(memory, { inputs: 0, targets: 12, weights: 24 }, slice);
  expect([...floats.subarray(6)]).toEqual([1, 20, 2]);
});

test("a batch has at most as many examples as there are", () => {
  expect(batchesOf(ofLengths(1, 1, 1), 100).batchSize).toBe(3);
  expect(order(batchesOf(ofLengths(1, 1, 1), 100))).toEqual([[0, 1, 2]]);
});

test("with an output per step, each step has its target", () => {
  const examples = [
    { inputs: [1, 2, 3], targets: [4, 5, 6] },
    { inputs: [7, 8, 9], targets: [1, 2, 3] },
    { inputs: [7], targets: [1] },
  ];
  const batches = read(examples, 2, TOKENS, TOKENS, true);
  expect(batches.predictionsPerEpoch).toBe(7);
  const integers = new Int32Array(12);
  writeNext(batches, { integers, floats: new Float32Array(integers.buffer), inputs: 0, targets: 24 });
  expect(Array.from(integers)).toEqual([1, 7, 2, 8, 3, 9, 4, 1, 5, 2, 6, 3]);
});

test("vectors are padded with zeros", () => {
  const [I, N] = [3, 5];
  const example = { inputs: [1, 2, 3, 4, 5, 6], targets: [1, 2, 3, 4, 5] };
  const batches = read([example], 1, { kind: "continuous", size: I }, { kind: "continuous", size: N }, false);
  const floats = new Float32Array(2 * padded(I) + padded(N)).fill(Number.NaN);
  writeNext(batches, { floats, integers: new Int32Array(floats.buffer), inputs: 0, targets: 4 * 2 * padded(I) });
  expect(Array.from(floats)).toEqual([1, 2, 3, 0, 4, 5, 6, 0, 1, 2, 3, 4, 5, 0, 0, 0]);
});

describe("shuffled", () => {
  const examples = ofLengths(...Array.from({ length: 50 }, (_, i) => 1 + (i % 3)));

  test("an epoch contains every example once", () => {
    for (let key = 0; key < 20; key++) {
      const batches = batchesOf(examples, 4);
      batches.shuffle(key);
      const seen = order(batches);
      expect(seen).toHaveLength(batches.chunksPerEpoch);
      expect(seen.flat().sort((a, b) => a - b)).toEqual(examples.map((_, i) => i));
    }
  });

  test("a key gives the same order, whatever came before; another key another", () => {
    const [one, other] = [batchesOf(examples, 4), batchesOf(examples, 4)];
    one.shuffle(7);
    other.shuffle(6);
    expect(order(other)).not.toEqual(order(one));
    other.shuffle(7);
    [one.cursor, other.cursor] = [0, 0];
    expect(order(other)).toEqual(order(one));
    expect(order(other)).toEqual([]);
  });

  test("every example is equally likely at every position", () => {
    const [examples, rounds] = [ofLengths(1, 1, 1, 1, 1), 5000];
    const counts = Array.from({ length: 5 }, () => [0, 0, 0, 0, 0]);
    const batches = batchesOf(examples, 1);
    for (let key = 0; key < rounds; key++) {
      batches.shuffle(key);
      batches.cursor = 0;
      for (const [place, example] of order(batches).flat().entries()) counts[example]![place]!++;
    }
    // Five standard deviations of a count of 5000 draws at 1/5: 5 · √(5000 · 0.2 · 0.8).
    for (const count of counts.flat()) expect(Math.abs(count - rounds / 5)).toBeLessThan(142);
  });

  test("a cursor set back repeats the same order", () => {
    const batches = batchesOf(examples, 4);
    batches.shuffle(3);
    const all = chunks(batches);
    for (const cursor of [0, 1, 7, all.length]) {
      batches.cursor = cursor;
      expect(chunks(batches)).toEqual(all.slice(cursor));
    }
  });
});

describe("rejected, with the place and what was expected", () => {
  const good: Example = { inputs: [1, 2], targets: [3] };
  const cases: [string, Example[], FeatureSpec, FeatureSpec, boolean, string][] = [
    ["no examples", [], TOKENS, TOKENS, false, "expected at least one example, got none"],
    [
      "an empty one",
      [good, { inputs: [], targets: [1] }],
      TOKENS,
      TOKENS,
      false,
      "example 1: expected at least one input, got none",
    ],
    [
      "half a vector",
      [{ inputs: [1, 2, 3], targets: [1] }],
      PAIRS,
      TOKENS,
      false,
      "example 0: expected a multiple of 2 inputs, got 3 numbers",
    ],
    [
      "two targets for the last step",
      [{ inputs: [1, 2], targets: [1, 2] }],
      TOKENS,
      TOKENS,
      false,
      "example 0: expected 1 targets for 2 steps, got 2",
    ],
    [
      "one target for every step",
      [good],
      TOKENS,
      TOKENS,
      true,
      "example 0: expected 2 targets for 2 steps, got 1: a model of the last step alone has returnSequences: false",
    ],
    ["half a target", [good], TOKENS, PAIRS, false, "example 0: expected 2 targets for 2 steps, got 1"],
    [
      "vectors for every step too few",
      [{ inputs: [1, 2, 3, 4], targets: [1, 2] }],
      PAIRS,
      PAIRS,
      true,
      "example 0: expected 4 targets for 2 steps, got 2",
    ],
    ...[1000, -1, 1.5, Number.NaN].map((token): (typeof cases)[number] => [
      `the token ${token}`,
      [good, { inputs: [1, token], targets: [3] }],
      TOKENS,
      TOKENS,
      false,
      `example 1, inputs[1]: expected an integer from 0 to 999, got ${token}`,
    ]),
    [
      "a target that is no class",
      [{ inputs: [1], targets: [2] }],
      TOKENS,
      { kind: "categorical", size: 2 },
      false,
      "example 0, targets[0]: expected an integer from 0 to 1, or -1 to leave it out, got 2",
    ],
    // 1e39 is finite, and infinite as a float32.
    ...[Number.NaN, Number.POSITIVE_INFINITY, 1e39].map((value): (typeof cases)[number] => [
      `the value ${value}`,
      [{ inputs: [1, value], targets: [3] }],
      PAIRS,
      TOKENS,
      false,
      `example 0, inputs[1]: expected a finite number, got ${value}`,
    ]),
  ];

  test.each(cases)("%s", (_, examples, input, output, returnSequences, message) => {
    const make = () => read(examples, 2, input, output, returnSequences);
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });
});
