import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { events, lstmWasm } from "./run.js";

let folder: string;
const at = (name: string) => join(folder, name);

/** Waves of one dimension that are slow or fast, from 6 to 12 steps long. */
const waves = Array.from({ length: 30 }, (_, i) => {
  const label = i % 3 === 0 ? "slow" : "fast";
  const values = Array.from({ length: 6 + (i % 7) }, (_, t) => Math.sin((i % 3 === 0 ? 0.4 : 1.9) * t + i).toFixed(3));
  return { id: `w${i}`, label, values };
});

const HEADER = "@problemName Waves\n@univariate true\n@equalLength false\n@classLabel true slow fast\n@data\n";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  writeFileSync(at("waves.ts"), HEADER + waves.map(({ label, values }) => `${values.join(",")}:${label}\n`).join(""));
  const rows = waves.flatMap(({ id, label, values }) => values.map((value) => `${id},${label},${value}\n`));
  writeFileSync(at("long.csv"), `id,class,height\n${rows.join("")}`);
  const wide = waves.map(
    ({ label, values }) => `${label},${[...values, ...new Array(12 - values.length).fill("")].join(",")}\n`,
  );
  writeFileSync(at("wide.csv"), `class,${Array.from({ length: 12 }, (_, t) => `t${t}`).join(",")}\n${wide.join("")}`);
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => lstmWasm(args, { cwd: folder });
const SMALL = ["--hidden-size=8", "--backend=simd", "--threads=1"];

test("train --ts chooses the number of epochs, and says how well it does", async () => {
  const { code, stdout, stderr } = await run("train", "--ts", "waves.ts", ...SMALL, "--patience=5", "--out=chosen");
  expect(code).toBe(0);
  expect(stderr).toMatch(/^Choosing the number of epochs/);
  expect(stderr).toContain("30 sequences of 6 to 12 steps in 1 dimension\n");
  expect(stdout).toMatch(/^Accuracy on 6 held-out sequences, of a model trained without them: [\d.]+ %\n/);
  expect(stdout).toMatch(/\n {2}true \\ predicted +slow +fast +recall +precision\n {2}slow +[\d·]+ +[\d·]+ +[\d.]+ %/);
  expect(stdout).toMatch(/\nAccuracy on 30 sequences of training: [\d.]+ %\n/);
  const { stdout: shown } = await run("inspect", "chosen");
  expect(shown).toContain("Classes:     2: slow, fast\n");
  expect(shown).toMatch(/\nHeld out: {4}[\d.]+ % of 6 sequences recognized\n/);
});

test("train --frame reads several steps at once, as evaluate then does", async () => {
  const { code, stderr } = await run("train", "--ts=waves.ts", ...SMALL, "--frame=2", "--epochs=3", "--out=frames");
  expect(code).toBe(0);
  expect(stderr).toContain("30 sequences of 6 to 12 steps in 1 dimension; 2 steps are read at once\n");
  const { stdout } = await run("inspect", "frames", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ classifier: { frame: 2 } });
  expect((await run("evaluate", "--model=frames", "--ts=waves.ts")).code).toBe(0);
  expect((await run("train", "--ts=waves.ts", "--resume=frames", "--frame=2")).stderr).toContain("--frame cannot be");
});

test("train --json tells figures of the held-out part, or of the training data", async () => {
  const json = [...SMALL, "--json", "--quiet", "--ts=waves.ts", "--epochs=30"];
  const all = events((await run("train", ...json)).stdout).at(-1)!;
  expect(all).toMatchObject({ evaluatedOn: "training", epochs: 30, stopReason: "epochs" });
  expect((all as { confusion: number[][] }).confusion.flat().reduce((a, b) => a + b)).toBe(30);
  expect(all["validation"]).toBeUndefined();
  const held = events((await run("train", ...json, "--validation-fraction=0.2")).stdout).at(-1)!;
  expect(held).toMatchObject({ evaluatedOn: "held-out" });
  expect((held as { confusion: number[][] }).confusion.flat().reduce((a, b) => a + b)).toBe(6);
});

test("the search for the number of epochs is in --json and --log, before the training that it decides", async () => {
  const { stdout } = await run(
    "train",
    "--ts=waves.ts",
    ...SMALL,
    "--patience=2",
    "--json",
    "--quiet",
    "--log=search.jsonl",
  );
  expect(readFileSync(at("search.jsonl"), "utf8")).toBe(stdout);
  const all = events(stdout);
  const start = all.findIndex(({ event }) => event === "start");
  expect(start).toBeGreaterThan(2);
  for (const [i, event] of all.slice(0, start).entries())
    expect(event).toMatchObject({ event: "search", epoch: i + 1, validationLoss: expect.any(Number) });
  const { validation, epochs } = all.at(-1) as unknown as { validation: { epochs: number }; epochs: number };
  expect(validation.epochs).toBeLessThanOrEqual(start);
  expect(epochs).toBe((all[start] as unknown as { config: { epochs: number } }).config.epochs);
});

test("Ctrl-C in the search ends with the last event, and leaves nothing on disk", async () => {
  const slow = ["--hidden-size=64", "--threads=1", "--learning-rate=1e-6"];
  const args = ["train", "--ts=waves.ts", ...slow, "--json", "--out=never", "--log=never.jsonl"];
  const { code, stdout, stderr } = await lstmWasm(args, { cwd: folder, signal: "SIGINT", when: /"epoch":3,/ });
  expect(code).toBe(130);
  expect(stderr).toMatch(
    /\nInterrupted while the number of epochs was being chosen, before training: never was not written/,
  );
  expect(readFileSync(at("never.jsonl"), "utf8")).toBe(stdout);
  const lines = events(stdout);
  expect(lines[0]).toMatchObject({ event: "search", epoch: 1 });
  expect(lines.at(-1)).toMatchObject({ event: "end", stopReason: "interrupted", interrupted: true, epochs: 0 });
  expect(readdirSync(folder).filter((name) => name.startsWith("never"))).toEqual(["never.jsonl"]);
});

test("resumes exactly, and finds its file by itself; both tables and the .ts file are the same data", async () => {
  const train = (...args: string[]) => run("train", "--quiet", ...SMALL, ...args);
  const long = ["--csv=long.csv", "--label=class", "--id=id"];
  await train("--ts=waves.ts", "--epochs=4", "--schedule=constant", "--out=whole");
  await train("--ts=waves.ts", "--epochs=2", "--schedule=constant", "--out=broken");
  expect((await run("train", "--quiet", "--resume=broken", "--epochs=4", "--backend=simd")).code).toBe(0);
  expect(readFileSync(at("broken")).equals(readFileSync(at("whole")))).toBe(true);
  await train(...long, "--epochs=4", "--schedule=constant", "--out=long");
  await train("--csv=wide.csv", "--label=class", "--epochs=4", "--schedule=constant", "--out=wide");
  expect((await run("train", "--quiet", "--resume=wide", "--csv=wide.csv", "--epochs=5")).code).toBe(0);
  const evaluated = async (model: string, ...args: string[]) =>
    JSON.parse((await run("evaluate", "--json", "--model", model, ...args)).stdout);
  const expected = await evaluated("whole", "--ts=waves.ts");
  expect(expected).toMatchObject({ sequences: 30, classes: [{ name: "slow", support: 10 }, { name: "fast" }] });
  const fromLong = await evaluated("long", "--csv=long.csv");
  expect([fromLong.sequences, fromLong.classes[1].name]).toEqual([30, "slow"]);
  expect((await evaluated("wide", "--csv=wide.csv")).sequences).toBe(30);
});

test("evaluate and predict tell the classes of a file", async () => {
  await run(
    "train",
    "--quiet",
    ...SMALL,
    "--csv=long.csv",
    "--label=class",
    "--id=id",
    "--epochs=60",
    "--learning-rate=0.01",
    "--out=model",
  );
  const { stdout } = await run("evaluate", "--model=model", "--csv=long.csv");
  expect(stdout).toMatch(/^Sequences: {2}30\nLoss: {7}[\d.]+ nats per sequence\nAccuracy: +(9\d|100)\.\d+ %\n {2}true/);
  const lines = (await run("predict", "--model=model", "--csv=long.csv")).stdout.trimEnd().split("\n");
  expect(lines[0]).toBe("id,prediction,fast,slow");
  const right = lines.slice(1).filter((line, i) => line.startsWith(`${waves[i]!.id},${waves[i]!.label},`));
  expect(right.length).toBeGreaterThan(26);
  const json = events((await run("predict", "--model=model", "--ts=waves.ts", "--json")).stdout);
  expect(json).toHaveLength(30);
  expect(Object.keys(json[0]!["probabilities"] as object)).toEqual(["fast", "slow"]);
});

test("evaluate --per-token gives the surprisal of each token of a text in bits, whose mean are the bits per character", async () => {
  const text = "abab abba baab abab";
  writeFileSync(at("text.txt"), text);
  await run("train", "--quiet", "--text=text.txt", "--epochs=2", "--batch-size=1", "--hidden-size=4", "--out=text");
  const { stdout } = await run("evaluate", "--model=text", "--text=text.txt", "--per-token");
  const tokens = events(stdout) as unknown as { token: string; surprisal: number }[];
  expect(tokens.map(({ token }) => token).join("")).toBe(text.slice(1));
  const { bitsPerCharacter } = JSON.parse((await run("evaluate", "--model=text", "--text=text.txt", "--json")).stdout);
  const mean = tokens.reduce((sum, { surprisal }) => sum + surprisal, 0) / tokens.length;
  expect(mean).toBeCloseTo(bitsPerCharacter, 5);
});

describe("refused:", () => {
  test.each<[args: string[], message: string]>([
    [["train", "--ts=waves.ts", "--csv=long.csv"], "--csv cannot be combined with --ts"],
    [["train", "--ts=waves.ts", "--target=x"], "--target has no use for a classifier"],
    [["train", "--ts=waves.ts", "--text=x"], "--text has no use for a classifier"],
    [["train", "--csv=wide.csv", "--frame=2"], "--frame needs --label"],
    [["train", "--frame=2"], "--frame needs --csv FILE"],
    [["train", "--label=class"], "--label needs --csv FILE"],
    [["train", "--csv=long.csv", "--label=klass", "--id=id"], 'no column "klass"'],
    [["train", "--ts=long.csv"], "line 1: expected a line that begins with @"],
    [["train", "--ts=waves.ts", "--missing=drop"], "--missing: expected error or interpolate with --ts"],
    [["predict", "--model=nothing", "--ts=waves.ts"], "nothing cannot be read"],
  ])("%j", async (args, message) => {
    const { code, stderr } = await run(...args);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(message);
  });
});
