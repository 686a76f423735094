import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { presets } from "../../src/presets.js";
import { lstmWasm, MAIN } from "../cli/run.js";
import { Random } from "../internals/common.js";

// KILLS=100 npm test -- test/endurance/kill
const KILLS = Number(process.env["KILLS"] ?? 5);
/** A process is killed this long after its start at the latest, in milliseconds; it begins to train after about 100. */
const LONGEST_LIFE = 400;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command line until it ends or its time is up. */
function runFor(milliseconds: number, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: "ignore" });
    const timer = setTimeout(() => child.kill("SIGKILL"), milliseconds);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0 || signal === "SIGKILL") resolve();
      else reject(new Error(`${args.join(" ")} ended with ${code ?? signal}`));
    });
  });
}

/** What only lies in the folder while something is written. */
const unfinished = () => readdirSync(folder).filter((name) => /writing|lock/.test(name));

const forever = 2 ** 31 - 1;

test(`a run killed at ${KILLS} random moments ends with the file of an unbroken run`, {
  timeout: 60_000 + 3_000 * KILLS,
}, async () => {
  const broken = join(folder, "broken.safetensors");
  writeFileSync(join(folder, "text.txt"), presets.hamlet.text.repeat(3));
  const settings = ["--hidden-size=12", "--batch-size=3", "--sequence-length=20", "--dropout=0.2", "--layers=2"];
  const run = ["train", "--quiet", "--json", "--backend=simd"];
  const start = [...run, "--text=text.txt", "--validation-fraction=0.1", "--optimizer=adamw", ...settings];
  const random = new Random(1);
  for (let kills = 0; kills < KILLS; kills++) {
    const args = existsSync(broken) ? [...run, "--resume=broken.safetensors"] : [...start, "--out=broken.safetensors"];
    await runFor(random.uniform() * LONGEST_LIFE, [...args, "--checkpoint-every=1", "--epochs=1000000"]);
  }
  if (!existsSync(broken)) await runFor(forever, [...start, "--out=broken.safetensors", "--epochs=1"]);
  const { training } = JSON.parse((await lstmWasm(["inspect", broken, "--json"])).stdout) as {
    training: { progress: { epoch: number } };
  };
  console.info(`${KILLS} kills, ${training.progress.epoch} epochs`);
  const epochs = `--epochs=${training.progress.epoch + 2}`;
  await runFor(forever, [...run, "--resume=broken.safetensors", epochs]);
  await runFor(forever, [...start, "--out=whole.safetensors", epochs]);
  expect(readFileSync(broken).equals(readFileSync(join(folder, "whole.safetensors")))).toBe(true);
  // A run that was killed leaves its lock, and its unfinished file where it was writing; the next one removes both.
  expect(unfinished()).toEqual([]);
});

test("a full disk is a clear error, and the checkpoint before it stays whole", async () => {
  const path = join(folder, "small.safetensors");
  const train = ["train", "--quiet", "--epochs", "2", "--out", path];
  expect((await lstmWasm(train)).code).toBe(0);
  const before = readFileSync(path);
  // `ulimit -f` counts blocks of 512 bytes in this shell: 16 KiB, less than the file needs.
  const { code, stderr } = await lstmWasm(["train", "--resume", path, "--epochs", "4"], { limit: "ulimit -f 32" });
  expect(code).toBe(1);
  expect(stderr).toMatch(/small\.safetensors cannot be written: it would exceed the file size limit/);
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(unfinished()).toEqual([]);
  expect((await lstmWasm(["train", "--resume", path, "--epochs", "4"])).code).toBe(0);
});
