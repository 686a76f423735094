import { load } from "lstm-wasm";
import { getTrainingRun } from "lstm-wasm/inspect";
import type { Page } from "playwright";
import { expect, test } from "vitest";
import {
  beforeWorker,
  byTestId,
  choose,
  downloadCheckpoint,
  epochOf,
  fill,
  noBrowser,
  notInDetail,
  press,
  skipped,
  trainFor,
  trainForLong,
  untilEpoch,
  useBrowser,
} from "./visit.js";

const visit = useBrowser();

const runOf = async (page: Page) => getTrainingRun(await load(await downloadCheckpoint(page)))!;

test.skipIf(notInDetail)(`what an LSTM does is said and drawn, once asked for${skipped}`, async () => {
  const { page } = await visit();
  const drawing = page.getByRole("img", { name: /^Drawing: the characters t, o, space and b/ });
  expect(await drawing.count()).toBe(0);
  await page.getByText("What does an LSTM do?").focus();
  await page.keyboard.press("Enter");
  await drawing.waitFor();
  await page.getByText("the input gate i how much of a new").waitFor();
});

test.skipIf(notInDetail)(`a step is one update, of a new run and of a paused one${skipped}`, async () => {
  const { page } = await visit();
  await choose(page, "Recipe", "small");
  for (const steps of [1, 2, 3]) {
    await press(page, "Step");
    await page.getByRole("button", { name: "Resume" }).waitFor();
    expect((await runOf(page)).step).toBe(steps);
  }
  await fill(page, "Epochs", "5");
  await press(page, "Resume");
  await byTestId(page, "accuracy").waitFor();
  expect(await epochOf(page)).toBe(5);
});

test.skipIf(notInDetail)(`the learning rate is changed while the run is under way${skipped}`, async () => {
  const { page } = await visit();
  await trainForLong(page);
  await untilEpoch(page, 5);
  const slider = page.getByRole("slider", { name: /^Learning rate/ });
  await slider.focus();
  for (let i = 0; i < 20; i++) await page.keyboard.press("ArrowLeft");
  await expect.poll(() => slider.getAttribute("aria-valuetext")).toBe("0.001");
  await page.waitForFunction(
    () => [...document.querySelectorAll("input")].some(({ value }) => value === "0.001"),
    undefined,
    { timeout: 5000 },
  );
  const at = await epochOf(page);
  await untilEpoch(page, at + 20);
  await expect.poll(async () => (await runOf(page)).options.learningRate).toBe(0.001);
  // Resumed after a pause it stays.
  await press(page, "Pause");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await press(page, "Resume");
  await untilEpoch(page, (await epochOf(page)) + 5);
  expect((await runOf(page)).options.learningRate).toBe(0.001);

  // Hot samples are noise, cold ones repeat themselves. They are drawn now and then.
  const temperature = page.getByRole("slider", { name: /^Temperature/ });
  const different = async () => {
    const sample = (await byTestId(page, "sample").textContent())!;
    return new Set(Array.from({ length: sample.length }, (_, i) => sample.slice(i, i + 3))).size;
  };
  await temperature.fill("0.1");
  await untilEpoch(page, (await epochOf(page)) + 200);
  const cold = await different();
  await temperature.fill("1.5");
  await expect.poll(different, { timeout: 20_000 }).toBeGreaterThan(cold);
});

test.skipIf(notInDetail)(`what a run is slow to take over does not move the slider back${skipped}`, async () => {
  const { page } = await visit();
  const slowly =
    "const post = self.postMessage.bind(self); self.postMessage = (report, ...rest) => " +
    "setTimeout(() => post(report, ...rest), report.type === 'run' ? 1000 : 0)";
  await beforeWorker(page, slowly);
  await page.reload();
  await trainForLong(page);
  const slider = page.getByRole("slider", { name: /^Learning rate/ });
  await expect.poll(() => slider.getAttribute("aria-valuetext")).toBe("0.01");
  await slider.focus();
  for (const rate of ["0.0032", "0.001"]) {
    for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowLeft");
    expect(await slider.getAttribute("aria-valuetext")).toBe(rate);
    // By then it has been sent.
    await page.waitForTimeout(300);
  }
  await expect.poll(async () => (await runOf(page)).options.learningRate).toBe(0.001);
  // By then the run has reported both.
  await page.waitForTimeout(1500);
  expect(await slider.getAttribute("aria-valuetext")).toBe("0.001");
});

test.skipIf(notInDetail)(`series step, and learn at another rate while the run is under way${skipped}`, async () => {
  const { page } = await visit();
  await page.getByRole("tab", { name: "Numbers" }).click();
  await fill(page, "Epochs", "100000");
  await press(page, "Step");
  await byTestId(page, "errors").waitFor();
  expect((await runOf(page)).step).toBe(1);
  await press(page, "Step");
  await expect.poll(async () => (await runOf(page)).step).toBe(2);
  await press(page, "Resume");
  await untilEpoch(page, 5);
  const live = page.locator("[role=tabpanel]:visible");
  expect(await live.getByRole("slider", { name: /^Temperature/ }).count()).toBe(0);
  const slider = live.getByRole("slider", { name: /^Learning rate/ });
  await slider.focus();
  for (let i = 0; i < 20; i++) await page.keyboard.press("ArrowLeft");
  await expect.poll(() => slider.getAttribute("aria-valuetext")).toBe("0.0005");
  await untilEpoch(page, (await epochOf(page)) + 5);
  await expect.poll(async () => (await runOf(page)).options.learningRate).toBe(0.0005);
});

test.skipIf(noBrowser)(
  `several runs are saved with names, sizes and dates, and deletion is undone${skipped}`,
  async () => {
    const { page } = await visit();
    for (const [recipe, units] of [
      ["small", "9"],
      ["small", "8"],
      ["default", "7"],
    ] as const) {
      await choose(page, "Recipe", recipe);
      await fill(page, "Hidden units", units);
      await trainFor(page, 20);
      await press(page, "Reset");
      await page.getByRole("button", { name: "Train", exact: true }).waitFor();
    }
    await page.reload();
    const entries = page.getByRole("region", { name: "Saved runs" }).getByRole("listitem");
    await entries.first().waitFor();
    await page.getByText("1 more saved").click();
    const texts = await entries.allTextContents();
    expect(texts).toHaveLength(3);
    for (const [i, units] of [7, 8, 9].entries())
      expect(texts[i]).toMatch(new RegExp(`^Hamlet, ${units} units, saved moments ago at epoch 20 of 20, \\d+ kB`));
    await entries.nth(1).getByRole("button", { name: "Discard" }).click();
    await page.waitForFunction(() => document.querySelectorAll(".offer li").length === 2);
    await page.reload();
    await entries.first().waitFor();
    expect(await entries.count()).toBe(2);
    await entries.first().getByRole("button", { name: "Discard" }).click();
    await press(page, "Undo");
    await page.waitForFunction(() => document.querySelectorAll(".offer li").length === 2);
    // The older goes on as itself.
    await entries.filter({ hasText: "9 units" }).getByRole("button", { name: "Continue" }).click();
    await byTestId(page, "accuracy").waitFor();
    await fill(page, "Epochs", "25");
    await press(page, "Resume");
    await untilEpoch(page, 25);
    await press(page, "Reset");
    await entries.filter({ hasText: "9 units" }).filter({ hasText: "epoch 25 of 25" }).waitFor();
    expect(await entries.count()).toBe(2);
  },
);

test.skipIf(notInDetail)(`the run of an earlier version of the page is still there${skipped}`, async () => {
  const { page } = await visit();
  await trainFor(page, 20);
  const bytes = await downloadCheckpoint(page);
  await page.evaluate(
    async (file) => {
      const open = indexedDB.open("lstm-wasm text");
      await new Promise((resolve) => {
        open.onsuccess = resolve;
      });
      const store = open.result.transaction("runs", "readwrite").objectStore("runs");
      store.clear();
      const run = { id: "old", bytes: new Uint8Array(file), epoch: 20, epochs: 20, savedAt: Date.now() };
      store.put(run, "run");
      const { text } = { text: document.title };
      await new Promise((resolve) => {
        store.put({ id: "old", content: { text, preset: "hamlet" } }, "data").onsuccess = resolve;
      });
      open.result.close();
    },
    [...bytes],
  );
  await page.reload();
  await page.getByText("Your run, saved moments ago at epoch 20 of 20").waitFor();
  await press(page, "Continue");
  await byTestId(page, "accuracy").waitFor();
  expect(await epochOf(page)).toBe(20);
});

test.skipIf(notInDetail)(`how long one's own text takes is said before it is trained on${skipped}`, async () => {
  const { page } = await visit();
  await choose(page, "Text", "own");
  await fill(page, "Your own text", "she sells sea shells by the sea shore, and he sells none. ".repeat(300));
  const estimate = byTestId(page, "estimate");
  await estimate.waitFor();
  const seconds = async () => {
    const [, number, unit] = /^About ([\d.]+) (s|min|h) on this computer\.$/.exec((await estimate.textContent())!)!;
    return Number(number) * { s: 1, min: 60, h: 3600 }[unit as "s"];
  };
  const recommended = await seconds();
  await fill(page, "Epochs", "1000000");
  await page.waitForFunction(() => / h on/.test(document.querySelector('[data-testid="estimate"]')!.textContent!));
  expect(await seconds()).toBeGreaterThan(100 * recommended);
  // It comes true, within what a busy machine allows.
  await fill(page, "Epochs", "6");
  await page.waitForFunction(() => / s on/.test(document.querySelector('[data-testid="estimate"]')!.textContent!));
});
