import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { load } from "lstm-wasm";
import { getForecaster } from "lstm-wasm/forecast";
import { getTrainingRun } from "lstm-wasm/inspect";
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { FULL } from "../full.js";
import {
  byTestId,
  choose,
  downloadCheckpoint,
  epochOf,
  fill,
  noBrowser,
  press,
  skipped,
  trainFor,
  trainForLong,
  untilEpoch,
  useBrowser,
} from "./visit.js";

const visit = useBrowser();
/** Bytes that opening the page may take, compressed. */
const MOST_BYTES = 100_000;

const field = (page: Page, label: string) => page.locator("[role=tabpanel]:visible").getByLabel(label, { exact: true });

const openAdvanced = (page: Page) => page.locator("[role=tabpanel]:visible").getByText("Advanced").click();

/** What a screen reader says of a field besides its label. */
const descriptionOf = (page: Page, label: string) =>
  field(page, label).evaluate((element) =>
    (element.getAttribute("aria-describedby") ?? "")
      .split(" ")
      .map((id) => document.getElementById(id)!.textContent)
      .join(" "),
  );

test.skipIf(noBrowser)(`the page learns which word follows any three${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  await choose(page, "Text", "next-word");
  expect(await field(page, "Window").inputValue()).toBe("3");
  expect(await field(page, "Sequence length").isDisabled()).toBe(true);
  expect(await descriptionOf(page, "Sequence length")).toMatch(/^Has no effect unless “Window” is 0\./);
  await press(page, "Train");
  await byTestId(page, "accuracy").waitFor();
  expect(Number.parseFloat((await byTestId(page, "accuracy").textContent())!)).toBeGreaterThan(95);
  expect(await byTestId(page, "sample").textContent()).toMatch(/^The forget gate decides what/);
  expect(pageErrors).toEqual([]);
});

test.skipIf(noBrowser || !FULL)(`a number that cannot be read is quoted as it was typed${skipped}`, async () => {
  const { page } = await visit();
  await fill(page, "Learning rate", "0,05");
  await press(page, "Train");
  await page.getByText('Expected a number with a decimal point, such as 0.05, got "0,05".').waitFor();
  await fill(page, "Learning rate", "0.05");
  await trainFor(page, 30);
  await fill(page, "Temperature", "0,8");
  await press(page, "Generate");
  await page.getByText('Expected a number with a decimal point, such as 0.8, got "0,8".').waitFor();
  await page.getByRole("tab", { name: "Numbers" }).click();
  await fill(page, "Season length", "a year");
  await press(page, "Train");
  await page.getByText('Expected an integer from 1 to 1000000, got "a year".').waitFor();
});

test.skipIf(noBrowser)(`every field says what it is for${skipped}`, async () => {
  const { page } = await visit();
  expect(await descriptionOf(page, "Hidden units")).toBe("Hidden units per layer. From 1 to 8192.");
  const text = page.getByText("Hidden units per layer. From 1 to 8192.");
  const width = async () => (await text.boundingBox())!.width;
  expect(await width()).toBe(1);
  await press(page, "Explain");
  expect(await width()).toBeGreaterThan(100);
  await press(page, "Hide explanations");
  expect(await width()).toBe(1);
  await openAdvanced(page);
  for (const tab of ["Text", "Numbers"]) {
    await page.getByRole("tab", { name: tab }).click();
    const settings = page.locator("[role=tabpanel]:visible").getByRole("region", { name: "Settings" });
    // Its code is fetched when the tab is opened.
    await settings.waitFor();
    const silent = await settings
      .locator("input, select")
      .evaluateAll((controls) =>
        controls
          .filter((control) => !control.hasAttribute("aria-describedby"))
          .map((control) => (control as HTMLInputElement).labels![0]!.textContent),
      );
    expect(silent, tab).toEqual([]);
  }
});

test.skipIf(noBrowser)(`fields without effect are hidden, or say why${skipped}`, async () => {
  const { page } = await visit();
  await openAdvanced(page);
  expect(await field(page, "Momentum").isEnabled()).toBe(true);
  expect(await field(page, "Beta 1").count()).toBe(0);
  await choose(page, "Optimizer", "adamw");
  expect(await field(page, "Momentum").count()).toBe(0);
  expect(await field(page, "Weight decay").getAttribute("placeholder")).toBe("0.01");
  expect(await field(page, "Patience").isDisabled()).toBe(true);
  expect(await descriptionOf(page, "Patience")).toMatch(/^Has no effect unless “Validation fraction” is above 0\./);
  await fill(page, "Validation fraction", "0.1");
  expect(await field(page, "Patience").isEnabled()).toBe(true);
});

test.skipIf(noBrowser || !FULL)(`the arrow keys step a number within its bounds${skipped}`, async () => {
  const { page } = await visit();
  const keys = async (label: string, ...names: string[]) => {
    await field(page, label).focus();
    for (const name of names) await page.keyboard.press(name);
    return field(page, label).inputValue();
  };
  expect(await keys("Hidden units", "ArrowUp", "ArrowUp", "ArrowDown")).toBe("26");
  expect(await keys("Layers", "ArrowDown")).toBe("1");
  expect(await keys("Learning rate", "ArrowUp")).toBe("0.06");
  expect(await field(page, "Layers").getAttribute("aria-valuemax")).toBe("64");
});

test.skipIf(noBrowser || !FULL)(`a paused run takes over what may change, and keeps the rest${skipped}`, async () => {
  const { page } = await visit();
  await openAdvanced(page);
  await trainForLong(page);
  await untilEpoch(page, 20);
  expect(await field(page, "Learning rate").isDisabled()).toBe(true);
  await press(page, "Pause");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  for (const label of ["Hidden units", "Batch size", "Optimizer", "Backend"])
    expect(await field(page, label).isDisabled(), label).toBe(true);
  const end = (await epochOf(page)) + 20;
  await fill(page, "Epochs", String(end));
  await fill(page, "Learning rate", "0.005");
  await fill(page, "Clip value", "0");
  await fill(page, "Clip norm", "many");
  await press(page, "Resume");
  await page.getByText('Expected a number of at least 0, got "many".').waitFor();
  await fill(page, "Clip norm", "2");
  await press(page, "Resume");
  await byTestId(page, "accuracy").waitFor();
  const model = await load(await downloadCheckpoint(page));
  const { options } = getTrainingRun(model)!;
  expect(options).toMatchObject({ epochs: end, learningRate: 0.005, clipValue: 0, clipNorm: 2, gradientShards: 1 });
  // The page chose the number of shards, and may choose another one for the next run.
  expect(await field(page, "Gradient shards").inputValue()).toBe("0");
});

test.skipIf(noBrowser || !FULL)(`a series trains with options of every table${skipped}`, async () => {
  const { page } = await visit();
  await page.getByRole("tab", { name: "Numbers" }).click();
  await openAdvanced(page);
  expect(await field(page, "Huber delta").inputValue()).toBe("0.2");
  await choose(page, "Loss", "mse");
  expect(await field(page, "Huber delta").count()).toBe(0);
  await choose(page, "Scaling", "min-max");
  await choose(page, "Differencing", "first");
  await choose(page, "Transform", "log");
  await field(page, "Calendar").check();
  await field(page, "Shuffle").uncheck();
  await fill(page, "Dropout", "0.1");
  await fill(page, "Window", "");
  await fill(page, "Steps ahead", "2");
  await fill(page, "Interval, in percent", "90");
  await fill(page, "Epochs", "5");
  await fill(page, "Threads", "1");
  await press(page, "Train");
  await byTestId(page, "errors").waitFor();
  expect(await byTestId(page, "host").textContent()).toMatch(/1 thread\.$/);
  const model = await load(await downloadCheckpoint(page));
  expect(model.config).toMatchObject({ loss: "mse", hiddenSize: 32 });
  const { settings, encoding } = getForecaster(model);
  expect(encoding).toMatchObject({ scaling: "min-max", difference: "first", transform: "log", window: 12 });
  expect(settings).toMatchObject({ horizon: 2, calendar: true, quantiles: [0.05, 0.95], testRows: 60 });
  expect(getTrainingRun(model)!.options).toMatchObject({ shuffle: false, dropout: 0.1, epochs: 5, clipNorm: 5 });
});

test.skipIf(noBrowser || !FULL)(`messages call fields by their labels${skipped}`, async () => {
  const { page } = await visit();
  await choose(page, "Text", "own");
  await fill(page, "Your own text", "too short");
  await press(page, "Train");
  const alert = page.getByRole("alert").filter({ hasText: "The text is too short" });
  await alert.waitFor();
  expect(await alert.textContent()).toMatch(/use a smaller “Batch size”\.$/);
});

test.skipIf(noBrowser)(`opening the page takes less than 100 kB, compressed${skipped}`, async () => {
  const { page, site } = await visit();
  await page.getByLabel("Backend").waitFor({ state: "attached" });
  await page.waitForLoadState("networkidle");
  const paths = new Set(site.requests.map((path) => path.replace(/^\/some\/where\//, "") || "index.html"));
  expect([...paths].filter((path) => /main-.*\.js$/.test(path))).toHaveLength(1);
  let bytes = 0;
  for (const path of paths) {
    const file = fileURLToPath(new URL(`../../build/web/${path}`, import.meta.url));
    bytes += brotliCompressSync(await readFile(file)).length;
  }
  expect(bytes).toBeLessThan(MOST_BYTES);
});

test("the play and its model are short downloads", async () => {
  const book = (name: string) => readFile(new URL(`../../web/src/book/romeo-and-juliet.${name}`, import.meta.url));
  expect(brotliCompressSync(await book("txt")).length).toBeLessThan(60_000);
  expect(brotliCompressSync(await book("safetensors")).length).toBeLessThan(220_000);
});
