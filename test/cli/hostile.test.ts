import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACTIVE, FORBIDDEN_IN_LINES } from "../common/forbidden.js";
import { type TensorData, write } from "../internals/checkpoint.js";
import { type Ended, events, lstmWasm, MAIN } from "./run.js";

// Names, tokens and texts from anywhere reach the terminal only as what can be seen there.

/** All that acts on a terminal, and enough around it to know it by. */
const EVIL = `seen${ACTIVE.filter((c) => c !== "\0").join("")}\u001b]0;title\u0007\u001b[31m`;
/** As a name of a file, which may not have a slash. */
const FILE = `f${EVIL.replaceAll("/", "")}.txt`;

let folder: string;
const at = (name: string) => join(folder, name);
const run = (...args: string[]) => lstmWasm(args, { cwd: folder });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  writeFileSync(at(FILE), `${EVIL} and so on, and so forth. `.repeat(20));
  const cell = `"${EVIL.replaceAll('"', '""')}"`;
  const rows = Array.from({ length: 60 }, (_, i) => `${(2 + Math.sin(i)).toFixed(3)},${i + 1}`);
  writeFileSync(at("series.csv"), `${cell},b\n${rows.join("\n")}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Nothing that acts, and something of what came. */
function expectSafe({ stdout, stderr }: Ended, seen = true): void {
  expect(stdout).not.toMatch(FORBIDDEN_IN_LINES);
  expect(stderr).not.toMatch(FORBIDDEN_IN_LINES);
  if (seen) expect(stdout + stderr).toContain("seen");
}

const model = ["--hidden-size=4", "--epochs=2", "--batch-size=2"];
/** The name of the column, as the reader has it: line ends become newlines, also in a quoted name. */
const COLUMN = EVIL.trim().replace(/\r\n?/g, "\n");
const series = () => ["--csv=series.csv", `--target=${COLUMN}`, "--window=4", ...model];

describe("a text of such characters, in a file with such a name", () => {
  test("train shows them, and says the same as JSON", async () => {
    const words = await run("train", `--text=${FILE}`, ...model, `--out=m${FILE}`, `--log=log${FILE}`);
    expect(words.code).toBe(0);
    expectSafe(words);
    expect(words.stdout).toMatch(/Checkpoint: +mfseen\\u0001/);
    // What it writes it may say in lines of its own.
    expect(words.stdout.split("\n").every((line) => line === "" || /^( {2}|[A-Z])/.test(line))).toBe(true);
    const log = readFileSync(at(`log${FILE}`), "utf8");
    expect(log).not.toMatch(FORBIDDEN_IN_LINES);
    const json = await run("train", `--text=${FILE}`, ...model, "--json");
    expectSafe(json, false);
    expect(events(json.stdout).at(-1)).toMatchObject({ sample: expect.stringContaining("seen\u0001") });
    expect(json.stdout).toContain("\\u202e");
    expect(json.stdout).toContain("\\u009b");
  });

  test("by words", async () => {
    const ended = await run("train", `--text=${FILE}`, "--level=word", ...model, "--out=words");
    expect(ended.code).toBe(0);
    expectSafe(ended);
    expectSafe(await run("evaluate", "--model=words", `--text=${FILE}`), false);
  });

  test("inspect, evaluate and generate show none of them", async () => {
    for (const args of [
      ["inspect", `m${FILE}`],
      ["inspect", `m${FILE}`, "--json"],
      ["evaluate", `--model=m${FILE}`, `--text=${FILE}`],
      ["generate", `--model=m${FILE}`, "--prompt=seen", "--json"],
    ]) {
      const ended = await run(...args);
      expect(ended).toMatchObject({ code: 0 });
      expectSafe(ended, false);
    }
  });

  test("generate writes raw text to a pipe", async () => {
    const { stdout } = await run("generate", `--model=m${FILE}`, `--prompt=${EVIL}`, "--length=1");
    expect(stdout.startsWith(EVIL)).toBe(true);
  });
});

const hasTerminal = spawnSync("script", ["--version"]).status === 0;
test.skipIf(!hasTerminal)(
  `on a terminal, generate only shows them${hasTerminal ? "" : " (SKIPPED: no script)"}`,
  () => {
    const command = [process.execPath, MAIN, "generate", "--model=m.st", "--prompt=seen\u009b", "--length=200"];
    writeFileSync(at("m.st"), readFileSync(at(`m${FILE}`)));
    const { stdout } = spawnSync("script", ["-qec", command.map((word) => `'${word}'`).join(" "), "/dev/null"], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    expect(stdout).toMatch(/^seen\\u009b/);
    // A terminal itself adds carriage returns.
    expect(stdout.replaceAll("\r\n", "\n")).not.toMatch(FORBIDDEN_IN_LINES);
  },
);

describe("columns with such names", () => {
  test("train, inspect and forecast show them", async () => {
    for (const args of [
      ["train", ...series(), "--out=s"],
      ["train", ...series(), "--json"],
      ["inspect", "s"],
      ["inspect", "s", "--json"],
      ["forecast", "--model=s", "--csv=series.csv", "--horizon=3", "--plot=s.svg"],
      ["forecast", "--model=s", "--csv=series.csv", "--horizon=3", "--json"],
    ]) {
      const ended = await run(...args);
      expect(ended).toMatchObject({ code: 0 });
      expectSafe(ended, !(args[0] === "train" && args.includes("--json")));
    }
    const { stdout } = await run("forecast", "--model=s", "--csv=series.csv", "--horizon=3", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ target: COLUMN });
    expect(readFileSync(at("s.svg"), "utf8")).not.toMatch(FORBIDDEN_IN_LINES);
  });

  test("errors name them", async () => {
    writeFileSync(at("other.csv"), "a,b\n1,2\n");
    writeFileSync(at("text.csv"), `${COLUMN.replaceAll(/["\n\r,]/g, "")},b\n${"x\u009b".repeat(9)},2\n`);
    for (const args of [
      ["train", "--csv=series.csv", "--target=x"],
      ["train", "--csv=other.csv", `--target=${EVIL}`],
      ["train", "--csv=text.csv", `--target=${COLUMN.replaceAll(/["\n\r,]/g, "")}`],
      ["forecast", "--model=s", "--csv=other.csv"],
    ]) {
      const ended = await run(...args);
      expect(ended.code, args.join(" ")).toBe(1);
      expectSafe(ended);
    }
  });
});

test("files of other programs: names of tensors, element types, metadata", async () => {
  const tensor: TensorData = { dtype: "F32", shape: [1], data: new Float32Array(1) };
  const file = (name: string, tensors: [string, TensorData][], metadata: [string, string][] = []) =>
    writeFileSync(at(name), write(new Map(tensors), new Map(metadata)));
  file("names", [[EVIL, tensor]]);
  const inspected = await run("inspect", "names");
  expect(inspected.code).toBe(0);
  expectSafe(inspected);
  expect(JSON.parse((await run("inspect", "names", "--json")).stdout)).toMatchObject({ tensors: [{ name: EVIL }] });
  file("format", [], [["format", `lstm-wasm ${EVIL}`]]);
  file("matrix", [[`lstm.weight_hh_l0`, tensor]], [["vocabulary", EVIL]]);
  const json = JSON.stringify({ [EVIL]: { dtype: EVIL, shape: [1], data_offsets: [0, 4] } });
  const header = new TextEncoder().encode(json);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, header.length, true);
  writeFileSync(at("dtype"), Buffer.concat([length, header, new Uint8Array(4)]));
  for (const name of ["format", "matrix", "dtype"]) {
    const ended = await run("inspect", name);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(`${name} is not a usable checkpoint`);
    expectSafe(ended, name !== "matrix");
  }
});

test("command lines with errors", async () => {
  for (const args of [
    [EVIL],
    ["train", EVIL],
    ["train", `--${EVIL}`],
    ["train", `--epochs=${EVIL}`],
    ["train", `--quiet=${EVIL}`],
    ["train", `--preset=${EVIL}`],
    ["train", `--optimizer=${EVIL}`],
    ["train", `--text=none/${EVIL}`],
    ["train", `--out=none/${EVIL}`],
    ["train", `--resume=none/${EVIL}`],
    ["train", "--level=char", `--text=${FILE}`, `--out=${FILE}`],
    ["generate", `--model=none/${EVIL}`, "--prompt=a"],
    ["generate", `--model=m${FILE}`, `--prompt=${EVIL}\u061bseen`],
    ["inspect", EVIL, EVIL],
    ["inspect", FILE],
    ["evaluate", `--model=m${FILE}`, `--text=none/${EVIL}`],
  ]) {
    const ended = await run(...args);
    expect(ended.code, args.join(" ")).toBeGreaterThan(0);
    expectSafe(ended, args[0] !== "generate" && args.length < 3 && args[1] !== EVIL);
    expect(ended.stderr.length).toBeLessThan(3000);
  }
});

test("a tensor's name of megabytes is truncated", async () => {
  const tensor: TensorData = { dtype: "F32", shape: [], data: new Float32Array(1) };
  const names = ["x".repeat(5e6), ...Array.from({ length: 2000 }, (_, i) => `t${i}`)];
  writeFileSync(at("long"), write(new Map(names.map((name) => [name, tensor]))));
  const { code, stdout } = await run("inspect", "long");
  expect(code).toBe(0);
  expect(stdout.length).toBeLessThan(2001 * 130);
});
