import { characters, createModel, presets, save, train } from "lstm-wasm";
import { expect, test } from "vitest";
import {
  choose,
  downloaded,
  epochOf,
  figure,
  fill,
  noChromium,
  press,
  skipped,
  takeSimd,
  trainForLong,
  untilEpoch,
  useBrowser,
} from "./visit.js";

const visit = useBrowser();
const OFFER = /^A run from .+, epoch ([\d,]+) of [\d,]+\. To train another/;

test.skipIf(noChromium)(`a tab closed in the middle loses some seconds at most${skipped}`, async () => {
  const { page, another } = await visit();
  await trainForLong(page);
  await untilEpoch(page, 1);
  const early = await epochOf(page);
  const began = Date.now();
  // Kept at once, and again after three seconds.
  await page.waitForFunction((start) => Date.now() - start > 3600, began);
  await page.close();

  const later = await another();
  const offer = later.getByText(OFFER);
  await offer.waitFor();
  const kept = Number(OFFER.exec((await offer.textContent())!)![1]!.replaceAll(",", ""));
  expect(kept).toBeGreaterThan(early + 100);
  await press(later, "Continue");
  await untilEpoch(later, kept + 20);
  await press(later, "Pause");
  await later.getByRole("button", { name: "Resume" }).waitFor();
  expect(await later.getByLabel("Epochs", { exact: true }).inputValue()).toBe("100000");
});

test.skipIf(noChromium)(`a kept run goes on exactly, until it is discarded${skipped}`, async () => {
  const { page } = await visit();
  await takeSimd(page);
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

  // What was kept goes on to the bytes of a run that was never broken.
  const end = (await epochOf(page)) + 10;
  await fill(page, "Epochs", String(end));
  await press(page, "Resume");
  await figure(page, "accuracy").waitFor();
  const vocabulary = characters(presets.hamlet.text);
  const model = await createModel({ ...presets.hamlet.model, vocabulary, backend: "simd" });
  model.metadata.set("source", '{"preset":"hamlet"}');
  const training = { ...presets.hamlet.training, learningRate: 0.01, epochs: end };
  for await (const _ of train(model, presets.hamlet.text, training));
  expect((await downloaded(page)).equals(save(model))).toBe(true);
  await page.reload();
  await press(page, "Discard");
  await page.getByText(OFFER).waitFor({ state: "hidden" });
  await page.reload();
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
  await choose(page, "Recipe", "small");
  expect(await page.getByText(OFFER).count()).toBe(0);
});

test.skipIf(noChromium)(
  `a second tab says that its run is not kept, and leaves the first's alone${skipped}`,
  async () => {
    const { page, another } = await visit();
    await trainForLong(page);
    await untilEpoch(page, 5);
    const second = await another();
    await second.getByText(/This run is not kept for your next visit: the page is open in another tab/).waitFor();
    await fill(second, "Epochs", "7");
    await press(second, "Train");
    await figure(second, "accuracy").waitFor();
    await press(page, "Pause");
    await page.getByRole("button", { name: "Resume" }).waitFor();
    await second.close();
    await page.reload();
    await page.getByText(OFFER).waitFor();
  },
);

test.skipIf(noChromium)(`storage that is full is told on the page, and training goes on${skipped}`, async () => {
  const { page, site } = await visit();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: site.origin, quotaSize: 1 });
  await press(page, "Train");
  await page.getByText(/This run is not kept for your next visit: .*(full|quota)/i).waitFor();
  await figure(page, "accuracy").waitFor();
});
