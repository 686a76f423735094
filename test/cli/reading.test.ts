import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { load, save } from "../../src/index.js";
import { presets } from "../../src/presets.js";
import { events, lstmWasm } from "./run.js";

// A user may name any file; a checkpoint may only name files below the current folder.

/** A command that reads what it should not would never end, or run out of memory. */
const LIMIT = 20_000;

let folder: string;
let outside: string;
let checkpoint: Uint8Array;
const at = (name: string) => join(folder, name);
const pipe = (path: string) => expect(spawnSync("mkfifo", [path]).status).toBe(0);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  outside = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  for (const path of [at("text.txt"), join(outside, "text.txt")]) writeFileSync(path, presets.hamlet.text);
  writeFileSync(at("series.csv"), `x\n${Array.from({ length: 60 }, (_, i) => Math.sin(i).toFixed(3)).join("\n")}\n`);
  pipe(at("pipe"));
  mkdirSync(at("below"));
  writeFileSync(at("below/text.txt"), presets.hamlet.text);
  symlinkSync(outside, at("away"));
  await lstmWasm(["train", "--quiet", "--text=text.txt", "--epochs=1", "--hidden-size=4", "--out=m"], { cwd: folder });
  const series = ["--csv=series.csv", "--target=x", "--window=4", "--hidden-size=4", "--epochs=1", "--out=s"];
  await lstmWasm(["train", "--quiet", ...series], { cwd: folder });
  checkpoint = readFileSync(at("m"));
});
afterAll(() => {
  for (const path of [folder, outside]) rmSync(path, { recursive: true });
});

/** The checkpoint, saying that it was trained on something else. */
async function naming(source: object | string, from = "m"): Promise<string> {
  const model = await load(from === "m" ? checkpoint : readFileSync(at(from)));
  model.attributes.set("source", typeof source === "string" ? source : JSON.stringify(source));
  writeFileSync(at("named"), save(model));
  return "--resume=named";
}

const resume = async (source: object | string, ...args: string[]) =>
  lstmWasm(["train", "--json", await naming(source), "--epochs=2", "--out=out", ...args], { cwd: folder });

describe("a file named by a checkpoint is read", () => {
  test.each(["text.txt", "below/text.txt", "./below/../text.txt"])("below the current folder: %s", async (text) => {
    const { code, stderr } = await resume({ text });
    expect(code).toBe(0);
    // The report names the file.
    expect(stderr).toContain(` of ${text}, 2 epochs`);
  });

  test("also by its absolute path, if it is there", async () => {
    expect((await resume({ text: at("text.txt") })).code).toBe(0);
  });

  test.each<[what: string, text: () => string]>([
    ["by its whole path", () => join(outside, "text.txt")],
    ["by a way up", () => join("..", outside.split("/").at(-1)!, "text.txt")],
    ["by a link", () => "away/text.txt"],
    ["a device", () => "/dev/zero"],
    ["the folder itself", () => "."],
  ])("but not elsewhere: %s", { timeout: LIMIT }, async (_, text) => {
    const { code, stdout, stderr } = await resume({ text: text() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`named was trained on ${JSON.stringify(text())}, which is not in the current folder`);
    expect(stderr).toContain("pass it with --text FILE");
    const again = await resume({ text: text() }, `--text=${join(outside, "text.txt")}`);
    expect(again.code).toBe(0);
  });

  test("the same with a series", { timeout: LIMIT }, async () => {
    const elsewhere = join(outside, "series.csv");
    copyFileSync(at("series.csv"), elsewhere);
    await naming({ csv: elsewhere }, "s");
    const args = ["train", "--json", "--resume=named", "--epochs=2", "--out=out"];
    const { code, stderr } = await lstmWasm(args, { cwd: folder });
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/pass it with --csv FILE/),
    });
    expect((await lstmWasm([...args, "--csv=series.csv"], { cwd: folder })).code).toBe(0);
  });

  test("only if it is a regular file", { timeout: LIMIT }, async () => {
    const { code, stderr } = await resume({ text: "pipe" });
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/pipe cannot be read: it is not a regular file/),
    });
    expect((await resume({ text: "below" })).stderr).toMatch(/below cannot be read: it is a folder/);
  });

  test("if it is missing, the error says how to name it", async () => {
    const { code, stderr } = await resume({ text: "gone.txt" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/named was trained on "gone\.txt", which cannot be read: no such .* with --text FILE/);
    expect((await resume({ text: "nul\0" })).stderr).toMatch(/"nul\\u0000", which cannot be read: invalid file name/);
  });

  test("if none is named, it is requested", async () => {
    for (const source of ["[".repeat(1e5), "{", '"text.txt"', JSON.stringify({ text: 7 }), "x".repeat(5e6)]) {
      const { code, stderr } = await resume(source);
      expect({ code, stderr }).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/does not say what it was trained on/),
      });
      expect(stderr.length).toBeLessThan(300);
    }
  });
});

describe("a file named by the user", () => {
  const train = ["train", "--json", "--quiet", "--epochs=1", "--hidden-size=4"];
  const run = (args: string[], how = {}) => lstmWasm(args, { cwd: folder, ...how });

  test.each<[what: string, text: string, how: object]>([
    ["a pipe with a name", "pipe", { limit: "(cat text.txt >pipe &)" }],
    ["a pipe without", "/dev/stdin", { under: ["sh", "-c", 'cat text.txt | "$@"', "sh"] }],
    ["a file that is the standard input", "/dev/stdin", { limit: "exec <text.txt" }],
  ])("may be %s", { timeout: LIMIT }, async (_, text, how) => {
    const { code, stdout } = await run([...train, `--text=${text}`], how);
    expect(code).toBe(0);
    expect(events(stdout)[0]).toMatchObject({ tokens: 866 });
  });

  const reading: [flag: string, args: (path: string) => string[]][] = [
    ["--text", (path) => [...train, `--text=${path}`]],
    ["--csv", (path) => [...train, `--csv=${path}`, "--target=x"]],
    ["--resume", (path) => [...train, `--resume=${path}`, "--out=out"]],
    ["--init-from", (path) => [...train, `--init-from=${path}`]],
    ["--vocabulary", (path) => ["generate", "--model=m", "--prompt=a", `--vocabulary=${path}`]],
    ["--model", (path) => ["generate", "--prompt=a", `--model=${path}`]],
    ["inspect", (path) => ["inspect", path]],
  ];
  test.each(reading)("must not be a device, a folder or endless: %s", { timeout: LIMIT }, async (flag, args) => {
    writeFileSync(at("sparse"), "");
    // Takes no room on the disk.
    truncateSync(at("sparse"), 2 ** 40);
    for (const [path, why] of [
      ["/dev/zero", /\/dev\/zero cannot be read: it is not a regular file/],
      ["/dev/null", /\/dev\/null cannot be read: it is not a regular file/],
      // A folder of texts is read.
      ...(flag === "--text" ? [] : [["below", /below cannot be read: it is a folder/] as const]),
      ["sparse", /sparse cannot be read: it has 1099511627776 bytes; the limit is \d+/],
    ] as const) {
      const { code, stdout, stderr } = await run(args(path));
      expect({ code, stdout }, path).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(why);
    }
    rmSync(at("sparse"));
  });
});
