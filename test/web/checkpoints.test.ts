import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { lstmWasm } from "../cli/run.js";
import {
  byTestId,
  choose,
  chooseSimd,
  downloadCheckpoint,
  epochOf,
  fill,
  noBrowser,
  press,
  skipped,
  trainForLong,
  untilEpoch,
  upload,
  useBrowser,
} from "./visit.js";

const visit = useBrowser();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lstm-wasm-web-"));
});

/** Trains on the command line, and reads the checkpoint. */
async function trained(name: string, ...args: string[]): Promise<Buffer> {
  const out = join(folder, name);
  const { code, stderr } = await lstmWasm(["train", "--quiet", "--out", out, ...args]);
  expect(code, stderr).toBe(0);
  return readFile(out);
}

test.skipIf(noBrowser)(`the page writes the same bytes as the command line${skipped}`, async () => {
  const { page } = await visit();
  await chooseSimd(page);
  await fill(page, "Epochs", "60");
  await press(page, "Train");
  await byTestId(page, "accuracy").waitFor();
  const there = await downloadCheckpoint(page);
  const here = await trained("hamlet", "--preset", "hamlet", "--epochs", "60", "--backend", "simd");
  expect(there.equals(here)).toBe(true);
});

test.skipIf(noBrowser)(`a run that moves to the page and back ends with the same bytes${skipped}`, async () => {
  const simd = ["--backend", "simd"];
  const begun = await trained("begun", "--preset", "hamlet", "--epochs", "30", ...simd);
  const { page } = await visit();
  await upload(page, "Checkpoint file", "begun.safetensors", begun);
  await untilEpoch(page, 30);
  expect(await byTestId(page, "host").textContent()).toContain("simd kernels");
  await fill(page, "Epochs", "60");
  await press(page, "Resume");
  await untilEpoch(page, 60);
  await byTestId(page, "accuracy").waitFor();
  const moved = await downloadCheckpoint(page);
  await writeFile(join(folder, "moved"), moved);
  expect(moved.equals(await trained("unmoved", "--preset", "hamlet", "--epochs", "60", ...simd))).toBe(true);
  const back = await trained("back", "--resume", join(folder, "moved"), "--epochs", "70", ...simd);
  expect(back.equals(await trained("whole", "--preset", "hamlet", "--epochs", "70", ...simd))).toBe(true);
});

test.skipIf(noBrowser)(`a downloaded run resumes after a reload${skipped}`, async () => {
  const { page } = await visit();
  await chooseSimd(page);
  await trainForLong(page);
  await untilEpoch(page, 20);
  await press(page, "Pause");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  const at = await epochOf(page);
  const file = await downloadCheckpoint(page);
  await page.reload();
  await press(page, "Discard");
  await upload(page, "Checkpoint file", "hamlet.safetensors", file);
  await page.getByRole("button", { name: "Resume" }).waitFor();
  expect(await epochOf(page)).toBe(at);
  expect((await downloadCheckpoint(page)).equals(file)).toBe(true);
  const end = String(at + 30);
  await fill(page, "Epochs", end);
  await press(page, "Resume");
  await byTestId(page, "accuracy").waitFor();
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
  expect((await downloadCheckpoint(page)).equals(whole)).toBe(true);
});

test.skipIf(noBrowser)(`a run on the user's own text resumes on the command line${skipped}`, async () => {
  const text = "she sells sea shells by the sea shore. ".repeat(8);
  const path = join(folder, "shells.txt");
  await writeFile(path, text);
  const { page } = await visit();
  await choose(page, "Text", "own");
  await upload(page, "Choose a file", "shells.txt", Buffer.from(text));
  await page.getByText(`shells.txt, ${text.length} characters`).waitFor();
  await choose(page, "Recipe", "small");
  await fill(page, "Epochs", "5");
  await press(page, "Train");
  await byTestId(page, "accuracy").waitFor();
  const file = await downloadCheckpoint(page);
  await writeFile(join(folder, "shells"), file);
  await trained("shells-on", "--resume", join(folder, "shells"), "--text", path, "--epochs", "8");

  // The page names the text that the checkpoint needs, and opens it once that is there.
  const { page: other } = await visit();
  await upload(other, "Checkpoint file", "shells.safetensors", file);
  await other.getByText(/was trained on “shells\.txt”.*choose/).waitFor();
  // It generates without its text.
  await fill(other, "Prompt", "she");
  await press(other, "Generate");
  await other.getByRole("button", { name: "Generate", disabled: false }).waitFor();
  expect(await byTestId(other, "generated").textContent()).toMatch(/^she.{100}/);
  await choose(other, "Text", "own");
  await fill(other, "Your own text", text);
  await upload(other, "Checkpoint file", "shells.safetensors", file);
  await byTestId(other, "accuracy").waitFor();
  expect(await epochOf(other)).toBe(5);
});
