import { expect, test } from "vitest";
import {
  type ByteSource,
  CheckpointError,
  characters,
  createModel,
  InputError,
  LstmError,
  load,
  type Model,
  save,
  saveChunks,
  train,
} from "../../src/index.js";
import { getTrainingRun } from "../../src/inspect.js";
import { presets } from "../../src/presets.js";
import { validate } from "../internals/checkpoint.js";
import { encodeData } from "../internals/model.js";
import { writeTensor } from "../internals/network.js";
import { methodsOf, resolveRun, setTraining, splitData, Trainer } from "../internals/training.js";

// What does not fit into one array is written and read in pieces: the same bytes, the same models, the same refusals.

const { text } = presets.hamlet;

async function trained(): Promise<Model> {
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 5, layers: 2, backend: "simd" });
  const options = { epochs: 2, batchSize: 3, validationFraction: 0.2, progressInterval: 0, dropout: 0.1 };
  let updates = 0;
  // In the midst of an epoch, with the last parameters beside the best.
  for await (const _ of train(model, text, options)) if (++updates === 6) break;
  return model;
}

function joined(pieces: Iterable<Uint8Array<ArrayBuffer>>): Uint8Array {
  const all = [...pieces];
  const bytes = new Uint8Array(all.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of all) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** A source that tells what is asked of it. */
function sourceOf(bytes: Uint8Array) {
  const asked: number[] = [];
  const source: ByteSource = {
    size: bytes.length,
    read: async (offset, length) => {
      asked.push(length);
      return bytes.slice(offset, offset + length);
    },
  };
  return { source, asked };
}

test("the pieces of a checkpoint are its bytes, none of them larger than a tensor", async () => {
  const model = await trained();
  const pieces = [...saveChunks(model)];
  expect(joined(pieces)).toEqual(save(model));
  const largest = Math.max(...model.tensors.map(({ shape }) => 4 * shape.reduce((a, b) => a * b)));
  expect(Math.max(...pieces.slice(1).map(({ length }) => length))).toBe(largest);
  expect(joined(saveChunks(model, { training: false }))).toEqual(save(model, { training: false }));
});

test("between two reports of a run too, but not when it has gone on meanwhile", async () => {
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 5 });
  let pieces: Iterator<Uint8Array> | undefined;
  for await (const { step } of train(model, text, { epochs: 1, batchSize: 3, progressInterval: 0 })) {
    if (step === 2) {
      expect(joined(saveChunks(model))).toEqual(save(model));
      pieces = saveChunks(model)[Symbol.iterator]();
      pieces.next();
    } else if (step === 3) expect(() => pieces!.next()).toThrow(LstmError);
  }
});

test("of a run whose moments have overflowed, before it says so: the parameters alone", async () => {
  const model = await createModel({ inputSize: 1, hiddenSize: 4, outputSize: 1, backend: "simd" });
  const examples = [1, 2].map((x) => ({ inputs: [x], targets: [1e20] }));
  const options = { batchSize: 1, lossReduction: "sum", optimizer: "rmsprop", learningRate: 1e-3 } as const;
  const config = resolveRun(model, examples, options);
  const { training, ...identity } = await splitData(model, encodeData(model, examples), config);
  const trainer = new Trainer(model, training, config, await methodsOf(config), 1, identity);
  setTraining(model, trainer);
  expect(trainer.snapshot().state).toBeDefined();
  // The epoch has another step, at whose end the run would end.
  await trainer.advance();
  expect(trainer.snapshot().state).toBeUndefined();
  const bytes = joined(saveChunks(model));
  expect(bytes).toEqual(save(model));
  expect(bytes).toEqual(save(model, { training: false }));
  expect(getTrainingRun(await load(bytes))).toBeUndefined();
  trainer.free();
});

test("what cannot be loaded is not begun", async () => {
  const model = await trained();
  // setTensor would reject it.
  const { engine } = model;
  const tensor = engine.table.tensors.find(({ name }) => name === "linear.bias")!;
  writeTensor(tensor, model.tensor("linear.bias").fill(Number.NaN), engine.floats, engine.parameters / 4);
  // The run's last parameters are still sound, the model's own are what counts.
  expect(() => saveChunks(model)).toThrow(CheckpointError);
});

test("a model comes back from a source and from a Blob, a tensor at a time", async () => {
  const bytes = save(await trained());
  const { source, asked } = sourceOf(bytes);
  expect(save(await load(source, { backend: "simd" }))).toEqual(bytes);
  expect(Math.max(...asked)).toBeLessThan(bytes.length / 4);
  expect(save(await load(new Blob([bytes]), { backend: "simd" }))).toEqual(bytes);
  await validate(sourceOf(bytes).source);
});

test("what is wrong is found before a model is made, with the same words", async () => {
  const bytes = save(await trained());
  const damaged: Uint8Array[] = [bytes.subarray(0, 7), bytes.subarray(0, bytes.length - 1), bytes.slice(8)];
  const infinite = bytes.slice();
  infinite.fill(255, bytes.length - 1000, bytes.length - 990);
  for (const file of [...damaged, infinite]) {
    const whole = await load(file).catch((error: unknown) => error);
    expect(whole).toBeInstanceOf(CheckpointError);
    const { source } = sourceOf(file);
    await expect(load(source)).rejects.toThrow((whole as Error).message);
    await expect(validate(source)).rejects.toThrow((whole as Error).message);
  }
});

test("a source that lies about its size, or is none, is refused", async () => {
  const bytes = save(await trained());
  const { source } = sourceOf(bytes.subarray(0, bytes.length - 4000));
  await expect(load({ ...source, size: bytes.length })).rejects.toThrow(/file: expected \d+ bytes at \d+, got/);
  for (const size of [Number.NaN, -1, 0.5]) await expect(load({ ...source, size })).rejects.toThrow(CheckpointError);
  await expect(load({ ...source, size: Number.NaN })).rejects.toThrow("file: expected a size in bytes, got NaN");
  await expect(load({ ...source, size: 2 ** 53 - 1 })).rejects.toThrow(CheckpointError);
  for (const none of [undefined, null, "m", 3, {}]) await expect(load(none as never)).rejects.toThrow(InputError);
});
