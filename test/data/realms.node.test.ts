import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { characters, createModel, load, predict, save, train } from "../../src/index.js";

// Arrays of another realm, as a frame, a vm context or jsdom has them, are arrays.
const other = runInNewContext(`({
  bytes: (from) => Uint8Array.from(from), buffer: (from) => Uint8Array.from(from).buffer,
  tokens: (from) => Int32Array.from(from), floats: (from) => Float32Array.from(from), array: (from) => Array.from(from)
})`) as {
  bytes(from: Iterable<number>): Uint8Array<ArrayBuffer>;
  buffer(from: Iterable<number>): ArrayBuffer;
  tokens(from: Iterable<number>): Int32Array;
  floats(from: Iterable<number>): Float32Array;
  array<Item>(from: Iterable<Item>): Item[];
};

test("arrays of another realm are taken", async () => {
  const model = await createModel({ vocabulary: characters("ab"), hiddenSize: 4, backend: "simd" });
  const tokens = [0, 1, 0, 1, 1, 0];
  expect(other.tokens(tokens)).not.toBeInstanceOf(Int32Array);
  const report = await train(model, other.tokens(tokens), { batchSize: 1, epochs: 2 });
  expect(report.epoch).toBe(2);
  const loaded = await load(other.bytes(save(model)), { backend: "simd" });
  expect(predict(loaded, other.tokens(tokens))).toEqual(predict(model, tokens));
  expect(predict(await load(other.buffer(save(model)), { backend: "simd" }), tokens)).toEqual(predict(model, tokens));
  const regression = await createModel({ inputSize: 1, hiddenSize: 4, backend: "simd" });
  await train(regression, other.array([{ inputs: other.floats([1, 2]), targets: other.floats([1, 2]) }]), {
    epochs: 1,
  });
});
