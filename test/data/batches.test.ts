import { expect, test } from "vitest";
import { InputError } from "../../src/index.js";
import { type Batches, TokenStreams, TokenWindows } from "../internals/data.js";
import { writeNext } from "./write-next.js";

const count = (n: number) => Int32Array.from({ length: n }, (_, i) => i);

/** All chunks of an epoch, as [inputs, targets], time-major. */
function chunks(batches: Batches): [number[], number[]][] {
  const all: [number[], number[]][] = [];
  while (batches.nextLength > 0) {
    const size = batches.nextLength * batches.nextBatchSize;
    const targets = !batches.returnSequences ? batches.nextBatchSize : size;
    const integers = new Int32Array(2 * size).fill(-1);
    writeNext(batches, { integers, floats: new Float32Array(integers.buffer), inputs: 0, targets: 4 * size });
    all.push([Array.from(integers.subarray(0, size)), Array.from(integers.subarray(size, size + targets))]);
  }
  return all;
}

test("one stream of the whole text is one chunk", () => {
  expect(chunks(new TokenStreams(count(5), 1, 0))).toEqual([
    [
      [0, 1, 2, 3],
      [1, 2, 3, 4],
    ],
  ]);
});

test("streams are equal segments, read side by side, with a shorter last chunk", () => {
  // 11 predictions make 2 streams of 5; one token at the end is left out.
  expect(chunks(new TokenStreams(count(12), 2, 3))).toEqual([
    [
      [0, 5, 1, 6, 2, 7],
      [1, 6, 2, 7, 3, 8],
    ],
    [
      [3, 8, 4, 9],
      [4, 9, 5, 10],
    ],
  ]);
});

test("reading continues from wherever the cursor is set", () => {
  const streams = new TokenStreams(count(12), 2, 3);
  const all = chunks(streams);
  streams.cursor = 3;
  expect(chunks(streams)).toEqual(all.slice(1));
});

test("windows overlap and have the token after them as target; the last chunk may have fewer", () => {
  expect(chunks(new TokenWindows(count(6), 2, 3))).toEqual([
    [
      [0, 1, 1, 2, 2, 3],
      [3, 4],
    ],
    [[2, 3, 4], [5]],
  ]);
  expect(chunks(new TokenWindows(count(6), 1, 3))).toEqual([
    [[0, 1, 2], [3]],
    [[1, 2, 3], [4]],
    [[2, 3, 4], [5]],
  ]);
});

test("the number of chunks is known in advance", () => {
  for (const batches of [new TokenStreams(count(100), 3, 7), new TokenWindows(count(100), 3, 7)])
    expect(chunks(batches)).toHaveLength(batches.chunksPerEpoch);
});

test("a text too short for every stream or window is rejected with the required length", () => {
  expect(() => new TokenStreams(count(1), 1, 0)).toThrow("one stream needs at least 2 tokens, got 1");
  expect(() => new TokenStreams(count(8), 8, 0)).toThrow("8 streams need at least 9 tokens, got 8; use a smaller");
  expect(() => new TokenWindows(count(3), 1, 3)).toThrow(InputError);
});
