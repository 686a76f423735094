import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { load } from "../../src/index.js";
import { presets } from "../../src/presets.js";
import { events, lstmWasm, MAIN } from "./run.js";

let folder: string;
const at = (name: string) => join(folder, name);
const VERSE = "Ich weiß nicht, was soll es bedeuten\n".repeat(30);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  writeFileSync(at("verse.txt"), VERSE);
  writeFileSync(at("hamlet.txt"), presets.hamlet.text);
  await train("--text=hamlet.txt", "--epochs=1", "--out=m");
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => lstmWasm(args, { cwd: folder });
const train = (...args: string[]) => run("train", "--quiet", "--json", "--hidden-size=4", "--batch-size=4", ...args);
const start = async (...args: string[]) => events((await train("--epochs=1", ...args)).stdout)[0];

/** With something on the standard input. */
function piped(input: string, ...args: string[]): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.on("close", (code) => resolve({ code, stdout }));
    child.stdin.end(input);
  });
}

describe("encodings", () => {
  const utf16 = (text: string, bigEndian = false) => {
    const bytes = Buffer.from(text, "utf16le");
    return bigEndian ? bytes.swap16() : bytes;
  };
  const latin1 = Buffer.from(VERSE, "latin1");
  const cyrillic = "Мой дядя самых честных правил\n".repeat(30);
  const of = (text: string) => ({ tokens: text.length, vocabularySize: new Set(text).size });

  test.each<[what: string, bytes: Uint8Array, flags: string[], text: string]>([
    ["UTF-16 with a mark", utf16(`\ufeff${VERSE}`), [], VERSE],
    ["UTF-16, big-endian, with a mark", utf16(`\ufeff${VERSE}`, true), [], VERSE],
    ["UTF-16 without a mark", utf16(VERSE), [], VERSE],
    ["UTF-16, big-endian, without a mark", utf16(VERSE, true), [], VERSE],
    ["UTF-16 of another script, without a mark", utf16(cyrillic), [], cyrillic],
    ["Latin-1, with --encoding", latin1, ["--encoding=latin1"], VERSE],
    ["UTF-16, with --encoding", utf16(VERSE), ["--encoding", "utf-16le"], VERSE],
    ["UTF-8 with NUL, with --encoding", Buffer.from(`${VERSE}\0`), ["--encoding=utf-8"], `${VERSE}\0`],
  ])("%s", async (_, bytes, flags, text) => {
    writeFileSync(at("encoded"), bytes);
    expect(await start("--text=encoded", ...flags)).toMatchObject(of(text));
  });

  test.each<[what: string, bytes: Uint8Array, flags: string[], code: number, message: RegExp]>([
    [
      "Latin-1",
      latin1,
      [],
      1,
      /encoded is not UTF-8 \(byte 8\): pass its encoding with --encoding LABEL, such as windows/,
    ],
    [
      "NUL in UTF-8",
      Buffer.from(`${VERSE}\0${VERSE}`),
      [],
      1,
      /contains NUL \(character 1110\), which text does not.*--encoding/,
    ],
    ["what is not as said", latin1, ["--encoding=utf-8"], 1, /encoded is not UTF-8/],
    ["an unknown label", latin1, ["--encoding=latin-9000"], 2, /--encoding: expected a label .* got latin-9000/],
  ])("%s is refused", async (_, bytes, flags, code, message) => {
    writeFileSync(at("encoded"), bytes);
    const ended = await train("--text=encoded", ...flags);
    expect(ended).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(message) });
  });

  test("are kept for --resume, and evaluate takes them too", async () => {
    writeFileSync(at("encoded"), latin1);
    await train("--text=encoded", "--encoding=latin1", "--epochs=1", "--out=latin");
    expect((await train("--resume=latin", "--epochs=2")).code).toBe(0);
    const evaluated = await run("evaluate", "--model=latin", "--text=encoded", "--encoding=windows-1252", "--json");
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ tokens: VERSE.length - 1 });
  });
});

describe("several texts", () => {
  test("are read one after the other, again with --resume", async () => {
    const both = ["--text=verse.txt", "--text=hamlet.txt"];
    const length = VERSE.length + presets.hamlet.text.length;
    expect(await start(...both, "--out=both")).toMatchObject({ tokens: length });
    expect(events((await train("--resume=both", "--epochs=2")).stdout)[0]).toMatchObject({ tokens: length });
  });

  test("in a folder are read in the order of their names, without other files, and are listed", async () => {
    mkdirSync(at("shelf/a"), { recursive: true });
    writeFileSync(at("shelf/b.md"), "second ".repeat(20));
    writeFileSync(at("shelf/a/z.txt"), "first ".repeat(20));
    writeFileSync(at("shelf/c.bin"), Uint8Array.of(1, 2, 3, 0, 5));
    writeFileSync(at("shelf/.hidden"), "not this one");
    symlinkSync(folder, at("shelf/round"));
    const { stdout, stderr } = await run("train", "--text=shelf", "--json", "--epochs=1", "--hidden-size=4");
    expect(stderr).toContain(`Read 2 texts: ${join("shelf", "a", "z.txt")}, ${join("shelf", "b.md")}; skipped`);
    expect(stderr).toContain(join("shelf", "c.bin"));
    expect(events(stdout)[0]).toMatchObject({ tokens: 20 * 13 });
  });

  test("a folder without any is refused", async () => {
    mkdirSync(at("empty"), { recursive: true });
    expect(await train("--text=empty")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/empty contains no text/),
    });
  });

  test("none is written over", async () => {
    const ended = await train("--text=verse.txt", "--text=hamlet.txt", "--log=hamlet.txt");
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/same file, hamlet\.txt/) });
  });
});

describe("the standard input", () => {
  test("is a text, which --resume asks for again", async () => {
    const { stdout } = await piped(
      VERSE,
      "train",
      "--text=-",
      "--quiet",
      "--json",
      "--epochs=1",
      "--hidden-size=4",
      "--out=piped",
    );
    expect(events(stdout)[0]).toMatchObject({ tokens: VERSE.length });
    expect(await train("--resume=piped", "--epochs=2")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/trained on a text from standard input: pass it again with --text -/),
    });
    const again = await piped(VERSE, "train", "--resume=piped", "--text=-", "--quiet", "--json", "--epochs=2");
    expect(events(again.stdout).at(-1)).toMatchObject({ epochs: 2 });
  });

  test("is a prompt, as a file is, and so is nothing at all", async () => {
    const generate = ["generate", "--model=m", "--length=5"];
    const expected = (await run(...generate, "--prompt=to be")).stdout;
    expect((await piped("to be\n", ...generate, "--prompt=-")).stdout).toBe(expected);
    writeFileSync(at("prompt"), "to be\r\n");
    expect((await run(...generate, "--prompt-file=prompt")).stdout).toBe(expected);
    expect((await run(...generate, "--prompt=")).stdout).toMatch(/^.{5}\n$/);
    expect(await run(...generate, "--prompt=to", "--prompt-file=prompt")).toMatchObject({ code: 2 });
  });
});

describe("characters that the model does not know", () => {
  const text = "to be; to be?\nto BE\n".repeat(20);
  const evaluate = (...args: string[]) => run("evaluate", "--model=m", "--text=new.txt", "--json", ...args);
  const tune = (...args: string[]) => train("--init-from=m", "--text=new.txt", "--epochs=1", ...args);
  beforeAll(() => writeFileSync(at("new.txt"), text));

  test("are all listed, with how often and where, and what to do", async () => {
    const list =
      '4 characters of the text are not in the vocabulary: "\\\\n" (U+000A) 40 times from line 1 on, ' +
      '"?" (U+003F) 20 times from line 1 on, "B" (U+0042) 20 times from line 2 on, "E" (U+0045) 20 times';
    const pattern = (end: string) => new RegExp(`${list.replace(/[?()+]/g, "\\$&")} .*${end}`);
    const refused = { code: 1, stdout: "" };
    expect(await evaluate()).toMatchObject({ ...refused, stderr: expect.stringMatching(pattern("--skip-unknown")) });
    const advice = pattern("--extend-vocabulary .*; --skip-unknown");
    expect(await tune()).toMatchObject({ ...refused, stderr: expect.stringMatching(advice) });
  });

  test("are listed up to twenty, and the rest counted", async () => {
    writeFileSync(at("many.txt"), Array.from({ length: 50 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join(""));
    const { stderr } = await run("evaluate", "--model=m", "--text=many.txt");
    expect(stderr).toMatch(/^lstm-wasm: 50 characters .*, and 30 more, 30 times\./);
    expect(stderr.match(/U\+/g)).toHaveLength(20);
  });

  test("are left out where that is asked for, again with --resume", async () => {
    const left = text.replace(/[^tobe ;]/g, "").length;
    const skipped = await evaluate("--skip-unknown");
    expect(JSON.parse(skipped.stdout)).toMatchObject({ tokens: left - 1, skipped: text.length - left });
    expect(skipped.stderr).toMatch(
      /^Left out of the text, since the vocabulary lacks them: 100 characters, "\\n" \(U\+000A\) 40 times from line 1 on, .*\n$/,
    );
    expect(events((await tune("--skip-unknown", "--out=skipped")).stdout)[0]).toMatchObject({ tokens: left });
    expect((await train("--resume=skipped", "--epochs=2")).code).toBe(0);
  });

  test.each([
    ["one-hot", []],
    ["embedded, in two layers", ["--embedding-size=3", "--layers=2"]],
  ])("extend the vocabulary where that is asked for, and all else is kept: %s", async (_, flags) => {
    await train("--text=hamlet.txt", "--epochs=1", "--out=base", ...flags);
    const args = ["--init-from=base", "--text=new.txt", "--extend-vocabulary", "--learning-rate=1e-30", "--epochs=1"];
    expect(events((await train(...args, "--out=tuned")).stdout)[0]).toMatchObject({ tokens: text.length });
    const { readFileSync } = await import("node:fs");
    const [before, after] = await Promise.all(["base", "tuned"].map((name) => load(readFileSync(at(name)))));
    expect(after!.vocabulary.tokens).toEqual([...before!.vocabulary.tokens, "\n", "?", "B", "E"]);
    for (const { name, shape } of before!.tensors) {
      const [old, tuned] = [before!.tensor(name), after!.tensor(name)];
      const grown = after!.tensors.find((tensor) => tensor.name === name)!.shape;
      const [width, stride] = [shape[1] ?? 1, grown[1] ?? 1];
      for (const [i, value] of old.entries())
        expect(tuned[Math.floor(i / width) * stride + (i % width)]).toBeCloseTo(value, 6);
      // What is new is drawn, not zero.
      if (tuned.length > old.length) expect(tuned.at(-1)).not.toBe(0);
    }
    for (const model of [before, after]) model!.free();
  });

  test("are no reason to give a model that has a vocabulary another", async () => {
    writeFileSync(at("other.json"), JSON.stringify(["t", "o"]));
    expect(await evaluate("--vocabulary=other.json")).toMatchObject({
      code: 2,
      stderr:
        "lstm-wasm: --vocabulary: m has a vocabulary of its own: leave the option out\nTry: lstm-wasm evaluate --help\n",
    });
  });

  test("may be prepared for, with a vocabulary of one's own", async () => {
    const tokens = [...new Set(presets.hamlet.text + text)].sort();
    writeFileSync(at("vocabulary.json"), JSON.stringify(tokens));
    const args = ["--vocabulary=vocabulary.json", "--text=hamlet.txt", "--out=prepared"];
    expect(await start(...args)).toMatchObject({ vocabularySize: tokens.length });
    expect((await run("evaluate", "--model=prepared", "--text=new.txt")).code).toBe(0);
    writeFileSync(at("small.json"), '["t","o"]');
    expect((await train("--vocabulary=small.json", "--text=hamlet.txt")).stderr).toMatch(
      /characters of the text are not/,
    );
  });
});

describe("a model of lower-cased text", () => {
  test("lower-cases what it reads, by itself", async () => {
    writeFileSync(at("cased.txt"), "To Be Or Not To Be. ".repeat(30));
    await train("--text=cased.txt", "--lowercase", "--epochs=1", "--out=low");
    expect((await run("generate", "--model=low", "--prompt=TO BE", "--length=3")).stdout).toMatch(/^TO BE/);
    expect((await run("evaluate", "--model=low", "--text=cased.txt")).code).toBe(0);
    expect((await train("--resume=low", "--epochs=2")).code).toBe(0);
    expect((await train("--init-from=low", "--text=cased.txt", "--epochs=1")).code).toBe(0);
  });
});

describe("a run that starts from a checkpoint", () => {
  test("has a speed and a seed of its own", async () => {
    const end = async (...args: string[]) =>
      events((await train("--init-from=m", "--text=hamlet.txt", "--epochs=1", ...args)).stdout).at(-1)!;
    const plain = await end();
    expect(plain.tokensPerSecond).toBeGreaterThan(0);
    const dropout = ["--dropout=0.5", "--backend=simd"];
    const [one, two] = [await end(...dropout, "--seed=1"), await end(...dropout, "--seed=2")];
    expect(one.trainLoss).not.toBe(two.trainLoss);
  });

  test("reads its text as the checkpoint does", async () => {
    const ended = await train("--init-from=m", "--text=hamlet.txt", "--level=word");
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/--level: expected char, as in the check/) });
  });
});
