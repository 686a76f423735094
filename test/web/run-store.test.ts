import { characters, createModel, save, train } from "lstm-wasm";
import { presets } from "lstm-wasm/presets";
import { expect, test } from "vitest";
import { savedAfter } from "./saved-runs.js";
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
  useBrowser,
} from "./visit.js";

const visit = useBrowser();
const OFFER = /, saved .+ at epoch ([\d,]+) of [\d,]+, [\d.]+ .?B/;

test.skipIf(noBrowser)(`a tab closed during training loses a few seconds at most${skipped}`, async () => {
  const { page, openTab } = await visit();
  await trainForLong(page);
  await untilEpoch(page, 1);
  // Saved at once, and again after three seconds.
  const early = await savedAfter(page, 0);
  await savedAfter(page, early + 100);
  await page.close();

  const later = await openTab();
  const offer = later.getByText(OFFER);
  await offer.waitFor();
  const saved = Number(OFFER.exec((await offer.textContent())!)![1]!.replaceAll(",", ""));
  expect(saved).toBeGreaterThan(early + 100);
  await press(later, "Continue");
  await untilEpoch(later, saved + 20);
  await press(later, "Pause");
  await later.getByRole("button", { name: "Resume" }).waitFor();
  expect(await later.getByLabel("Epochs", { exact: true }).inputValue()).toBe("100000");
});

test.skipIf(noBrowser)(`a saved run continues exactly, until it is discarded${skipped}`, async () => {
  const { page } = await visit();
  await chooseSimd(page);
  await trainForLong(page);
  await untilEpoch(page, 20);
  await press(page, "Pause");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  const at = await epochOf(page);
  await page.reload();
  await page.getByText(OFFER).waitFor();
  await press(page, "Continue");
  await untilEpoch(page, at);
  await press(page, "Pause");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  expect(await epochOf(page)).toBeGreaterThanOrEqual(at);

  // It ends with the bytes of an uninterrupted run.
  const end = (await epochOf(page)) + 10;
  await fill(page, "Epochs", String(end));
  await press(page, "Resume");
  await byTestId(page, "accuracy").waitFor();
  const vocabulary = characters(presets.hamlet.text);
  const model = await createModel({ ...presets.hamlet.model, vocabulary, backend: "simd" });
  model.attributes.set("source", '{"preset":"hamlet"}');
  const training = { ...presets.hamlet.training, learningRate: 0.01, epochs: end };
  for await (const _ of train(model, presets.hamlet.text, training));
  expect((await downloadCheckpoint(page)).equals(save(model))).toBe(true);
  await page.reload();
  await press(page, "Discard");
  await page.getByText(OFFER).waitFor({ state: "hidden" });
  await page.reload();
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
  await choose(page, "Recipe", "small");
  expect(await page.getByText(OFFER).count()).toBe(0);
});

test.skipIf(noBrowser)(`a slip of the finger loses no run: neither Reset nor Discard is final${skipped}`, async () => {
  const { page } = await visit();
  await trainForLong(page);
  await untilEpoch(page, 20);
  await press(page, "Reset");
  await page.getByText(OFFER).waitFor();
  await press(page, "Discard");
  await press(page, "Undo");
  await page.getByText(OFFER).waitFor();
  await press(page, "Continue");
  await untilEpoch(page, 21);
});

test.skipIf(noBrowser)(
  `a second tab says that its run will not be saved, and leaves the first tab's alone${skipped}`,
  async () => {
    const { page, openTab } = await visit();
    await trainForLong(page);
    await untilEpoch(page, 5);
    const second = await openTab();
    await second.getByText(/This run will not be saved for your next visit: the page is open in another tab/).waitFor();
    await fill(second, "Epochs", "7");
    await press(second, "Train");
    await byTestId(second, "accuracy").waitFor();
    await press(page, "Pause");
    await page.getByRole("button", { name: "Resume" }).waitFor();
    await second.close();
    await page.reload();
    await page.getByText(OFFER).waitFor();
  },
);
