import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { presets } from "../../src/presets.js";
import { events, lstmWasm } from "./run.js";

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  writeFileSync(at("book.txt"), `${presets.hamlet.text.replaceAll(". ", ".\n")}\n`.repeat(6));
});
afterAll(() => rmSync(folder, { recursive: true }));

const train = (...args: string[]) =>
  lstmWasm(["train", "--json", "--quiet", "--backend=simd", ...args], { cwd: folder });
const small = () => [
  "--text",
  at("book.txt"),
  "--level=word",
  "--batch-size=3",
  "--hidden-size=12",
  "--embedding-size=8",
];

test("a book by words trains, validates, resumes exactly and generates", async () => {
  const whole = await train(...small(), "--epochs=4", "--validation-fraction=0.2", "--out", at("whole"));
  expect(whole.code).toBe(0);
  expect(events(whole.stdout)[1]).toMatchObject({ epoch: 1, validationLoss: expect.any(Number) });
  await train(...small(), "--epochs=2", "--validation-fraction=0.2", "--out", at("broken"));
  expect((await train("--resume", at("broken"), "--epochs=4")).code).toBe(0);
  expect(readFileSync(at("broken")).equals(readFileSync(at("whole")))).toBe(true);
  const { stdout } = await lstmWasm(["generate", "--model", at("whole"), "--prompt", "to be, or not", "--length=20"]);
  expect(stdout).toMatch(/^to be, or not/);
  expect(stdout).not.toMatch(/ [,.;:]/);
  const { stdout: figures } = await lstmWasm(["evaluate", "--model", at("whole"), "--text", at("book.txt"), "--json"]);
  expect(Object.keys(JSON.parse(figures) as object)).toEqual(["tokens", "loss", "perplexity", "accuracy"]);
});

test("windows of words work on the same book", async () => {
  const { code, stdout } = await train(...small(), "--window=4", "--epochs=2");
  expect(code).toBe(0);
  expect(events(stdout).at(-1)).toMatchObject({
    accuracy: expect.any(Number),
    sample: expect.stringContaining("to be"),
  });
});

test("an unknown word is named in the error, unless there is <unk>", async () => {
  await train(...small(), "--epochs=1", "--out", at("strict"));
  const refused = await lstmWasm(["generate", "--model", at("strict"), "--prompt", "to be Ophelia"]);
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/"Ophelia" at position 2 is not in the vocabulary/),
  });
  await train(...small(), "--epochs=1", "--min-frequency=10", "--out", at("open"));
  expect((await lstmWasm(["generate", "--model", at("open"), "--prompt", "to be Ophelia"])).code).toBe(0);
});

test("word options without --level word are rejected", async () => {
  const { code, stderr } = await train("--text", at("book.txt"), "--min-frequency=2");
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--min-frequency: expected no value without --level word"),
  });
  expect((await train("--level=line")).stderr).toMatch(/--level: expected char or word, got "line"/);
  expect((await train(...small(), "--punctuation=drop")).stderr).toMatch(/--punctuation: expected/);
});
