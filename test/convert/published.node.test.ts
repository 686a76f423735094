import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { evaluate, generate, train } from "../../src/index.js";
import { importModel } from "../internals/convert.js";

// Models that others have published, which are not part of this repository; CONTRIBUTING.md says where they are from.
// MODELS=FOLDER TEXT=tinyshakespeare.txt npm test -- test/convert/published

const MODELS = process.env["MODELS"] ?? "";
const TEXT = process.env["TEXT"] ?? "";

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
