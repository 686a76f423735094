import { expect, test } from "vitest";
import { characters, createModel, generateSamples, load, OutOfMemoryError, save, train } from "../../src/index.js";
import { createCell } from "../../src/inspect.js";

// What a run would need is compared with what can be had before any of it is taken.

const text = "to be or not to be that is the question ".repeat(40);
const vocabulary = characters(text);
/** Bytes of the process, the engine's memory and JavaScript's alike; a page cannot tell. */
const resident = () => (typeof process === "undefined" ? 0 : process.memoryUsage().rss);

test("more texts than memory has room for are refused at once", async () => {
  const model = await createModel({ vocabulary, hiddenSize: 512, layers: 4 });
  const before = resident();
  const start = performance.now();
  // The states alone would take a gigabyte, the pass five.
  const samples = generateSamples(model, { prompt: "to", samples: 65_536, maxTokens: 2 });
  await expect(samples).rejects.toThrow(OutOfMemoryError);
  expect(performance.now() - start).toBeLessThan(5000);
  expect(resident() - before).toBeLessThan(2 ** 28);
  model.free();
});

test("a cell whose gradients do not fit beside its parameters is refused before these are drawn", async () => {
  const start = performance.now();
  const cell = createCell({ inputSize: 8192, hiddenSize: 8192, outputSize: 8192 });
  await expect(cell).rejects.toThrow(/out of memory: 9217 MiB requested; use a smaller hiddenSize/);
  expect(performance.now() - start).toBeLessThan(5000);
});

test("a window counts as far as the texts can fill it", async () => {
  const model = await createModel({ vocabulary, hiddenSize: 4, window: 1_000_000 });
  const samples = await generateSamples(model, { prompt: "to", samples: 3, maxTokens: 5 });
  expect(samples.map(({ length }) => length)).toEqual([5, 5, 5]);
  const many = generateSamples(model, { prompt: "to", samples: 65_536, maxTokens: 100_000 });
  await expect(many).rejects.toThrow(OutOfMemoryError);
  model.free();
});

test("a batch is no larger than the examples can fill it", async () => {
  const data = Array.from({ length: 10 }, (_, i) => ({ inputs: [i, 1], targets: [1, i] }));
  const make = () => createModel({ inputSize: 1, hiddenSize: 64, seed: 1, backend: "simd" });
  const [huge, exact] = [await make(), await make()];
  const before = resident();
  for await (const _ of train(huge, data, { batchSize: 65_536, epochs: 1 }));
  for await (const _ of train(exact, data, { batchSize: 10, epochs: 1 }));
  expect(resident() - before).toBeLessThan(2 ** 27);
  expect(save(huge)).toEqual(save(exact));
  const again = await load(save(huge), { backend: "simd" });
  for await (const _ of train(again, data, { batchSize: 65_536, epochs: 2, resume: true }));
  for await (const _ of train(exact, data, { epochs: 2, resume: true }));
  expect(save(again)).toEqual(save(exact));
  await expect(train(again, data, { batchSize: 9, epochs: 3, resume: true }).next()).rejects.toThrow(/batchSize/);
});

test("the windows of a text are counted too", async () => {
  const model = await createModel({ vocabulary, hiddenSize: 8, window: 4 });
  const before = resident();
  for await (const _ of train(model, text.slice(0, 24), { batchSize: 65_536, epochs: 1 }));
  expect(resident() - before).toBeLessThan(2 ** 26);
  expect(save(model).length).toBeLessThan(2 ** 17);
});
