import { expect, test } from "vitest";
import { generate } from "../../src/index.js";
import { fixture, jsonFixture } from "../bytes.js";
import { importModel } from "../internals/convert.js";
import { besideFixture, expectOutputs, importFixture, type Oracle } from "./compare.js";

const manifest = "ml5/manifest.json";
const beside = besideFixture("ml5");

test("a charRNN gives NumPy's logits", async () => {
  expectOutputs(await importFixture(manifest, { beside }), await jsonFixture<Oracle>("convert/ml5.json"));
});

test("two damaged entries of its vocabulary are repaired, and named", async () => {
  const notes: string[] = [];
  const model = await importFixture(manifest, { beside, onNote: (note) => notes.push(note) });
  expect(model.vocabulary.tokens).toEqual(["e", "u", "t", "U", " ", "b", "o"]);
  expect(notes).toEqual([
    'vocab.json: entry 1, "  ", is damaged: read as u',
    'vocab.json: entry 3, "", is damaged: read as U',
  ]);
});

test("it generates text", async () => {
  const model = await importModel(await fixture(`convert/${manifest}`), { beside });
  let text = "";
  for await (const piece of generate(model, { prompt: "tube", maxTokens: 30 })) text += piece;
  expect(text).toMatch(/^[eutUbo ]{30}$/);
});

const damaged = (name: string, content: string | Uint8Array) => async (asked: string) =>
  asked === name ? new TextEncoder().encode(String(content)) : beside(asked);

test.each([
  ["no vocabulary that fits", "vocab.json", '{"a": 0}', /vocab\.json: expected 7 characters/],
  [
    "two characters of the same number",
    "vocab.json",
    '{"a":0,"b":0,"c":2,"d":3,"e":4,"f":5,"g":6}',
    /"b" has no number/,
  ],
  ["an entry of several characters", "vocab.json", '{"ab":0,"b":1,"c":2,"d":3,"e":4,"f":5,"g":6}', /single character/],
  ["an array that is cut off", "embedding", "abc", /embedding: expected 84 bytes, got 3/],
])("%s: refused", async (_, name, content, reason) => {
  await expect(importFixture(manifest, { beside: damaged(name, content) })).rejects.toThrow(reason);
});

test("a file in another folder is not read", async () => {
  const text = new TextDecoder()
    .decode(await fixture(`convert/${manifest}`))
    .replace('"embedding",', '"../../secret",');
  const asked: string[] = [];
  const reading = importModel(new TextEncoder().encode(text), {
    beside: (name) => {
      asked.push(name);
      return beside(name);
    },
  });
  await expect(reading).rejects.toThrow("a file that does not lie beside the model");
  expect(asked).not.toContain("../../secret");
});
