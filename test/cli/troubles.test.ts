import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { presets } from "../../src/presets.js";
import { ALONE, events, lstmWasm, Running, rootTest } from "./run.js";

// Failures that do not stop a run are reported and show in the exit status; the run writes its checkpoint.

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  writeFileSync(at("text.txt"), presets.hamlet.text);
});
afterEach(() => rmSync(folder, { recursive: true }));

const COMMON = ["train", "--quiet", "--backend=simd", "--text=text.txt", "--hidden-size=8", "--batch-size=4"];
const EPOCHS = 30;

/** Runs all epochs, whatever else cannot be written. */
const train = (args: string[], limit?: string, under: string[] = []) =>
  lstmWasm([...COMMON, `--epochs=${EPOCHS}`, "--out=m", ...args], { cwd: folder, limit, under });

async function expectWholeRun(): Promise<void> {
  const { stdout } = await lstmWasm(["inspect", "--json", at("m")]);
  expect(JSON.parse(stdout)).toMatchObject({ training: { progress: { epoch: EPOCHS } } });
  expect(readdirSync(folder).filter((name) => /lock|writing/.test(name))).toEqual([]);
}

const times = (text: string, pattern: RegExp) => text.match(new RegExp(pattern, "gm"))?.length ?? 0;

describe("a disk that is full", () => {
  test("under --log", async () => {
    const { code, stdout, stderr } = await train(["--json", "--log=/dev/full"]);
    expect(stderr).toBe(
      "lstm-wasm: warning: /dev/full cannot be written: the disk is full; the run continues without it\n" +
        "lstm-wasm: /dev/full cannot be written: the disk is full\n",
    );
    expect(code).toBe(1);
    expect(events(stdout).at(-1)).toMatchObject({ event: "end", epochs: EPOCHS, checkpoint: "m" });
    await expectWholeRun();
  });

  test.each([
    ["with --json", ["--json"]],
    ["with the report in words", []],
  ])("under stdout, %s", async (_, args) => {
    const { code, stderr } = await train(args, "exec >/dev/full");
    expect(code).toBe(1);
    expect(times(stderr, /^lstm-wasm: warning: .*/m)).toBeLessThanOrEqual(1);
    expect(times(stderr, /^lstm-wasm: stdout cannot be written: the disk is full$/m)).toBe(1);
    await expectWholeRun();
  });

  test("under stderr, where it cannot be reported", async () => {
    const args = [...COMMON.filter((arg) => arg !== "--quiet"), `--epochs=${EPOCHS}`, "--out=m"];
    const { code, stdout } = await lstmWasm(args, { cwd: folder, limit: "exec 2>/dev/full" });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Checkpoint: +m$/m);
    await expectWholeRun();
  });

  test("under all of them", async () => {
    const { code } = await train(["--json", "--log=/dev/full"], "exec >/dev/full 2>&1");
    expect(code).toBe(1);
    await expectWholeRun();
  });

  rootTest("under --log and --plot: a small one that fills up", async () => {
    mkdirSync(at("small"));
    const mount = "mount -t tmpfs -o size=4k tmpfs small";
    const args = ["--json", "--log=small/log", "--plot=small/m.svg"];
    const { code, stdout, stderr } = await train(args, mount, ALONE);
    expect(code).toBe(1);
    expect(times(stderr, /warning: small\/log cannot be written: the disk is full/)).toBe(1);
    expect(times(stderr, /^lstm-wasm: small\/log cannot be written: the disk is full$/m)).toBe(1);
    expect(times(stderr, /^lstm-wasm: small\/m\.svg cannot be written: the disk is full$/m)).toBe(1);
    expect(events(stdout).at(-1)).toMatchObject({ event: "end", epochs: EPOCHS });
    await expectWholeRun();
  });

  test("leaves whole lines in the log", async () => {
    // Blocks of 512 bytes.
    const args = [...COMMON, `--epochs=${EPOCHS}`, "--log=log"];
    const { code, stderr } = await lstmWasm(args, { cwd: folder, limit: "ulimit -f 4" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/log cannot be written: it would exceed the file size limit/);
    const log = readFileSync(at("log"), "utf8");
    expect(log.endsWith("\n")).toBe(true);
    expect(
      events(log)
        .map(({ event, epoch }) => epoch ?? event)
        .slice(0, 3),
    ).toEqual(["start", 1, 2]);
  });
});

test("a picture whose folder disappears is reported, and the run still ends normally", async () => {
  mkdirSync(at("pictures"));
  const run = new Running([...COMMON, "--json", "--epochs=2000", "--out=m", "--plot=pictures/m.svg"], { cwd: folder });
  await run.until(/"epoch":2,/);
  rmSync(at("pictures"), { recursive: true });
  const { code, stdout, stderr } = await run.ended;
  expect(stderr).toMatch(/^lstm-wasm: pictures\/m\.svg cannot be written: no such file or folder$/m);
  expect(events(stdout).at(-1)).toMatchObject({ event: "end", epochs: 2000, checkpoint: "m" });
  expect(code).toBe(1);
});

test("an interrupted run stays interrupted", async () => {
  const args = [...COMMON, "--json", "--epochs=100000000", "--out=m", "--log=/dev/full"];
  const { code, stderr } = await lstmWasm(args, { cwd: folder, signal: "SIGINT", when: /"epoch":5,/ });
  expect(code).toBe(130);
  expect(stderr).toMatch(/^lstm-wasm: \/dev\/full cannot be written/m);
});

test("a log that cannot be opened is detected before training", async () => {
  mkdirSync(at("folder"));
  for (const [log, why] of [
    ["folder", /it is a folder/],
    ["none/log", /no such file or folder/],
  ] as const) {
    const { code, stdout, stderr } = await train(["--json", `--log=${log}`]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(why);
  }
});

describe("forecast", () => {
  rootTest("prints its forecast even if the picture cannot be written", async () => {
    const rows = Array.from({ length: 60 }, (_, i) => Math.sin(i).toFixed(3));
    writeFileSync(at("series.csv"), `x\n${rows.join("\n")}\n`);
    const model = ["--csv=series.csv", "--target=x", "--window=4", "--hidden-size=4", "--epochs=1", "--out=m"];
    expect((await lstmWasm(["train", "--quiet", ...model], { cwd: folder })).code).toBe(0);
    mkdirSync(at("full"));
    const limit = "mount -t tmpfs -o size=4k tmpfs full && (cat /dev/zero >full/zeros || true) 2>/dev/null";
    const args = ["forecast", "--model=m", "--csv=series.csv", "--horizon=3", "--plot=full/x.svg"];
    const { code, stdout, stderr } = await lstmWasm(args, { cwd: folder, limit, under: ALONE });
    expect(stdout).toMatch(/^x\n(-?\d.*\n){3}$/);
    expect(stderr).toMatch(/^lstm-wasm: full\/x\.svg cannot be written: the disk is full$/m);
    expect(code).toBe(1);
  });
});

test.skipIf(process.platform !== "linux")(
  "a limit on addresses is named, and the kernels that live with it",
  async () => {
    const limit = "ulimit -v 9000000";
    const run = ["train", "--preset", "sentence", "--epochs", "1", "--quiet"];
    const { code, stderr } = await lstmWasm(run, { limit });
    // An engine that guards its memory otherwise gets along.
    if (code !== 0) expect(stderr).toMatch(/about 10 GiB of addresses .*ulimit -v.* javascript/);
    expect(await lstmWasm([...run, "--backend", "javascript"], { limit })).toMatchObject({ code: 0 });
  },
);
