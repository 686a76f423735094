import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { lstmWasm } from "../cli/run.js";
import {
  choose,
  downloaded,
  epochOf,
  figure,
  fill,
  handIn,
  noChromium,
  press,
  skipped,
  takeSimd,
  trainForLong,
  untilEpoch,
  useBrowser,
} from "./visit.js";

const visit = useBrowser();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lstm-wasm-web-"));
});

/** What the command line writes. */
async function trained(name: string, ...args: string[]): Promise<Buffer> {
  const out = join(folder, name);
  const { code, stderr } = await lstmWasm(["train", "--quiet", "--out", out, ...args]);
  expect(code, stderr).toBe(0);
  return readFile(out);
}

test.skipIf(noChromium)(`the page writes the command line's bytes${skipped}`, async () => {
  const { page } = await visit();
  await takeSimd(page);
  await fill(page, "Epochs", "200");
  await press(page, "Train");
  await figure(page, "accuracy").waitFor();
  const there = await downloaded(page);
  const here = await trained("hamlet", "--preset", "hamlet", "--epochs", "200", "--backend", "simd");
  expect(there.equals(here)).toBe(true);
});

test.skipIf(noChromium)(`a run moves to the page and back as if it had stayed${skipped}`, async () => {
  const simd = ["--backend", "simd"];
  const begun = await trained("begun", "--preset", "hamlet", "--epochs", "100", ...simd);
  const { page } = await visit();
  await handIn(page, "Checkpoint file", "begun.safetensors", begun);
  await untilEpoch(page, 100);
  expect(await figure(page, "host").textContent()).toContain("simd kernels");
  await fill(page, "Epochs", "200");
  await press(page, "Resume");
  await untilEpoch(page, 200);
  await figure(page, "accuracy").waitFor();
  const moved = await downloaded(page);
  await writeFile(join(folder, "moved"), moved);
  expect(moved.equals(await trained("unmoved", "--preset", "hamlet", "--epochs", "200", ...simd))).toBe(true);
  const back = await trained("back", "--resume", join(folder, "moved"), "--epochs", "250", ...simd);
  expect(back.equals(await trained("whole", "--preset", "hamlet", "--epochs", "250", ...simd))).toBe(true);
});

test.skipIf(noChromium)(`a downloaded run goes on after the page was loaded anew${skipped}`, async () => {
  const { page } = await visit();
  await takeSimd(page);
  await trainForLong(page);
  await untilEpoch(page, 50);
  await press(page, "Pause");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  const at = await epochOf(page);
  const file = await downloaded(page);
  await page.reload();
  await press(page, "Discard");
  await handIn(page, "Checkpoint file", "hamlet.safetensors", file);
  await page.getByRole("button", { name: "Resume" }).waitFor();
  expect(await epochOf(page)).toBe(at);
  expect((await downloaded(page)).equals(file)).toBe(true);
  const end = String(at + 30);
  await fill(page, "Epochs", end);
  await press(page, "Resume");
  await figure(page, "accuracy").waitFor();
  const whole = await trained(
    "reloaded",
    "--preset",
    "hamlet",
    "--learning-rate",
    "0.01",
    "--epochs",
    end,
    "--backend",
    "simd",
  );
  expect((await downloaded(page)).equals(whole)).toBe(true);
});

test.skipIf(noChromium)(`a text of one's own goes on on the command line${skipped}`, async () => {
  const text = "she sells sea shells by the sea shore. ".repeat(8);
  const path = join(folder, "shells.txt");
  await writeFile(path, text);
  const { page } = await visit();
  await choose(page, "Text", "own");
  await handIn(page, "Choose a file", "shells.txt", Buffer.from(text));
  await choose(page, "Recipe", "small");
  await fill(page, "Epochs", "5");
  await press(page, "Train");
  await figure(page, "accuracy").waitFor();
  const file = await downloaded(page);
  await writeFile(join(folder, "shells"), file);
  await trained("shells-on", "--resume", join(folder, "shells"), "--text", path, "--epochs", "8");

  // In the page the file names what it needs, and goes on once that is there.
  const { page: other } = await visit();
  await handIn(other, "Checkpoint file", "shells.safetensors", file);
  const alert = other.getByRole("alert");
  await alert.waitFor();
  expect(await alert.textContent()).toMatch(/was trained on “shells\.txt”.*choose/);
  await choose(other, "Text", "own");
  await fill(other, "Your own text", text);
  await handIn(other, "Checkpoint file", "shells.safetensors", file);
  await figure(other, "accuracy").waitFor();
  expect(await epochOf(other)).toBe(5);
});
