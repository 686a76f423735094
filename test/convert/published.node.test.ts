import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { evaluate, generate, type Model, train } from "../../src/index.js";
import { createStream } from "../../src/stream.js";
import { importModel } from "../internals/convert.js";

// Models that others have published, which are not part of this repository; CONTRIBUTING.md says where they are from.
// MODELS=FOLDER TEXT=tinyshakespeare.txt ORACLES=FOLDER npm test -- test/convert/published
// ORACLES: what from_published.py in test/fixtures/convert has made of them.

const MODELS = process.env["MODELS"] ?? "";
const TEXT = process.env["TEXT"] ?? "";
const ORACLES = process.env["ORACLES"] ?? "";

/** Tests of a model in a folder of MODELS, which are skipped without it. */
function published(name: string, body: (path: (file: string) => string) => void): void {
  const isThere = MODELS !== "" && existsSync(join(MODELS, name));
  describe.skipIf(!isThere)(isThere ? name : `${name} (SKIPPED: not in the folder that MODELS names)`, () => {
    body((file) => join(MODELS, name, file));
  });
}

const read = async (path: string) => new Uint8Array(await readFile(path));

published("charrnn-shakespeare", (path) => {
  const notes: string[] = [];
  const options = { beside: (name: string) => read(path(name)), onNote: (note: string) => void notes.push(note) };
  const imported = async () => importModel(await read(path("manifest.json")), options);

  test("its vocabulary is repaired", async () => {
    const model = await imported();
    expect(model.vocabulary.tokens[13]).toBe("u");
    expect(model.vocabulary.tokens[40]).toBe("U");
    expect(notes).toHaveLength(2);
  });

  test("it writes verse", async () => {
    let text = "";
    for await (const piece of generate(await imported(), { prompt: "ROMEO:", maxTokens: 500, temperature: 0.5 }))
      text += piece;
    expect(text).toMatch(/\b(the|and|you)\b.*\n/s);
  });

  test.skipIf(TEXT === "")("its loss is what NumPy computes, and training makes it less", async () => {
    const text = await readFile(TEXT, "utf8");
    const [first, last] = [text.slice(0, 20_000), text.slice(-20_000)];
    const model = await imported();
    expect((await evaluate(model, first)).loss).toBeCloseTo(1.32, 3);
    expect((await evaluate(model, last)).loss).toBeCloseTo(1.366, 3);
    const options = { epochs: 1, batchSize: 20, sequenceLength: 50, learningRate: 5e-4 };
    for await (const _ of train(model, text.slice(0, 200_000), options));
    expect((await evaluate(model, first)).loss).toBeLessThan(1.32);
  });
});

const floats = async (name: string) => new Float32Array((await read(join(ORACLES, `${name}.bin`))).slice().buffer);

/** Runs a model without a head step by step, on the inputs of an oracle. */
async function expectSteps(model: Model, oracle: string, tolerance: number): Promise<void> {
  const [inputs, outputs] = [await floats(`${oracle}-inputs`), await floats(`${oracle}-outputs`)];
  const { input, output } = model;
  const stream = createStream(model as Model<"vectors">);
  expect(inputs.length / input.size).toBe(500);
  let error = 0;
  for (let step = 0; step < 500; step++) {
    const found = stream.step(inputs.subarray(step * input.size, (step + 1) * input.size));
    for (let i = 0; i < output.size; i++)
      error = Math.max(error, Math.abs(found[i]! - outputs[step * output.size + i]!));
  }
  expect(error).toBeLessThan(tolerance);
}

published("dtln", (path) => {
  test.skipIf(ORACLES === "").each([
    ["model.h5", "lstm,lstm_1", "model_1"],
    ["model.h5", "lstm_2,lstm_3", "model_2"],
    ["model_1.onnx", "lstm_4,lstm_5", "model_1"],
    ["model_2.onnx", "model_2/lstm_6,model_2/lstm_7", "model_2"],
  ])("%s, %s: 500 frames as onnxruntime has them", async (file, layers, oracle) => {
    await expectSteps(await importModel(await read(path(file)), { layers }), oracle, 1e-4);
  });

  test.each(["model.h5", "model_1.onnx", "model_2.onnx"])("%s is not a model as ours", async (file) => {
    await expect(importModel(await read(path(file)))).rejects.toThrow(/cannot be brought over.*by the option layers/);
  });
});

published("silero-vad", (path) => {
  test.skipIf(ORACLES === "")("its cell is read by its own name", async () => {
    const model = await importModel(await read(path("silero_vad_16k.safetensors")), { layers: "lstm_cell" });
    await expectSteps(model, "silero", 1e-5);
  });
});

published("thai-segmentation", (path) => {
  test.skipIf(ORACLES === "")("the example finds words, by NumPy's probabilities", async () => {
    const example = fileURLToPath(new URL("../../examples/thai.mjs", import.meta.url));
    const options = { encoding: "utf8", env: { ...process.env, PROBABILITIES: "1" } } as const;
    const lines = execFileSync(process.execPath, [example, path("weights.json"), "สวยงามมากนะครับ"], options).split(
      "\n",
    );
    expect(lines[0]).toMatch(/มาก \| นะ/);
    const [found, outputs] = [JSON.parse(lines[1]!) as number[], await floats("thai-outputs")];
    expect(found).toHaveLength(outputs.length);
    for (const [i, probability] of found.entries()) expect(Math.abs(probability - outputs[i]!)).toBeLessThan(1e-5);
  });
});
