import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { load } from "../../src/index.js";
import { matchesTrainingData } from "../../src/inspect.js";
import { presets } from "../../src/presets.js";
import { events, lstmWasm } from "./run.js";

let folder: string;
const at = (name: string) => join(folder, name);
const HELD = presets.hamlet.text.slice(600);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  mkdirSync(at("here"));
  writeFileSync(at("here/text"), presets.hamlet.text);
  writeFileSync(at("here/held"), HELD);
  writeFileSync(at("here/held2"), HELD.slice(20));
  writeFileSync(at("here/foreign"), `${HELD}ßßß`);
  writeFileSync(at("elsewhere"), HELD);
  await train("--text=text", "--epochs=1", "--out=plain");
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => lstmWasm(args, { cwd: at("here") });
const train = (...args: string[]) => run("train", "--quiet", "--json", "--hidden-size=4", "--batch-size=4", ...args);
const SPLIT = ["--text=text", "--validation-text=held"];

describe("--validation-text", () => {
  test("is evaluated after each epoch, and nothing is held out", async () => {
    const { code, stdout, stderr } = await train(...SPLIT, "--epochs=3", "--out=m");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const all = events(stdout);
    expect(all[0]).toMatchObject({ event: "start", tokens: 866 });
    expect(all.filter(({ event }) => event === "epoch").map(({ validationLoss }) => validationLoss)).toEqual(
      Array(3).fill(expect.any(Number)),
    );
    expect(all.at(-1)).toMatchObject({ event: "end", bestEpoch: 3, stopReason: "epochs" });
    const model = await load(readFileSync(at("here/m")));
    expect(matchesTrainingData(model, presets.hamlet.text, HELD)).toBe(true);
    expect(matchesTrainingData(model, presets.hamlet.text, HELD.slice(1))).toBe(false);
    model.free();
  });

  test("goes with --patience, with a preset, by word, and may be several", async () => {
    const patient = ["--preset=hamlet", "--learning-rate=5", "--epochs=50", "--patience=1", "--validation-text=held"];
    expect(events((await train(...patient)).stdout).at(-1)).toMatchObject({ stopReason: "patience" });
    const words = ["--text=text", "--level=word", "--min-frequency=2", "--epochs=1"];
    const both = ["--validation-text=held", "--validation-text=held2"];
    const { code, stdout } = await train(...words, ...both);
    expect(code).toBe(0);
    expect(events(stdout)[1]!["validationLoss"]).toEqual(expect.any(Number));
  });

  test("is found by --resume, which ends with the bytes of an unbroken run", async () => {
    await train(...SPLIT, "--epochs=4", "--out=whole");
    await train(...SPLIT, "--epochs=2", "--out=broken");
    expect(await train("--resume=broken", "--epochs=4")).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(at("here/broken")).equals(readFileSync(at("here/whole")))).toBe(true);
  });

  test("is asked for where it is not in the current folder, and may have moved", async () => {
    expect((await train("--text=text", "--validation-text=../elsewhere", "--epochs=1", "--out=far")).code).toBe(0);
    expect(await train("--resume=far", "--epochs=2")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /far was evaluated on "\.\.\/elsewhere", which is not in the current folder or below it: pass it with --validation-text FILE/,
      ),
    });
    expect((await train("--resume=far", "--epochs=2", "--validation-text=held")).code).toBe(0);
  });

  test.each<[args: string[], code: number, message: RegExp]>([
    [["--resume=m", "--epochs=9", "--validation-text=held2"], 1, /these are not the validation data/],
    [["--resume=plain", "--epochs=9", "--validation-text=held"], 2, /the run of plain is not evaluated on a text/],
    [[...SPLIT, "--validation-fraction=0.1"], 2, /--validation-fraction cannot be combined with --validation-text/],
    [["--csv=held", "--target=a", "--validation-text=held"], 2, /--validation-text cannot be combined with --csv/],
    [["--text=text", "--validation-text=text"], 2, /--text and --validation-text are the same file/],
    [[...SPLIT, "--plot=held"], 2, /--validation-text and --plot are the same file/],
    [["--text=-", "--validation-text=-"], 2, /standard input can be read only once/],
    [["--text=text", "--validation-text=none"], 1, /none cannot be read: no such file/],
    [
      ["--text=text", "--validation-text=foreign"],
      1,
      /1 character of the validation text is not in the vocabulary: "ß" \(U\+00DF\) 3 times from line 1 on\. --skip-unknown leaves/,
    ],
  ])("%j is refused", async (args, code, message) => {
    expect(await train(...args)).toMatchObject({ code, stderr: expect.stringMatching(message) });
  });

  test("what the vocabulary lacks is left out of it where that is asked for, again with --resume", async () => {
    const args = ["--text=text", "--validation-text=foreign", "--skip-unknown", "--out=skipped"];
    expect((await train(...args, "--epochs=1")).code).toBe(0);
    expect(await train("--resume=skipped", "--epochs=2")).toMatchObject({ code: 0, stderr: "" });
  });
});
