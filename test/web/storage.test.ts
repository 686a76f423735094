import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright";
import { describe, expect, onTestFinished, test } from "vitest";
import { withMore } from "../full.js";
import { launchOptions } from "../hosts/browser.js";
import { findChromium } from "../hosts/chromium.js";
import type { Site } from "../hosts/serve.js";
import { type SavedRun, savedAfter, savedRuns } from "./saved-runs.js";
import {
  beforeWorker,
  epochOf,
  fill,
  noChromium,
  noFirefox,
  PREFIX,
  press,
  serveThePage,
  skippedByOthers,
  trainForLong,
  untilEpoch,
  useBrowser,
} from "./visit.js";

// The page's storage under fault: it is full, a tab or the whole browser is killed at a moment of writing, two tabs have it open.
// Whatever happens, the next visit finds the runs as they were before the write or after it, each of them whole.

const visit = useBrowser();
const OFFER = /, saved .+ at epoch ([\d,]+) of/;
const FULL_STORAGE = /^This run will not be saved for your next visit: the browser's storage is full\.$/;

/** The run that the page offers goes on from the epoch that it was saved at. */
async function goesOn(page: Page, saved: number): Promise<void> {
  const offer = page.getByText(OFFER);
  await offer.waitFor();
  expect(Number(OFFER.exec((await offer.textContent())!)![1]!.replaceAll(",", ""))).toBe(saved);
  await press(page, "Continue");
  await untilEpoch(page, saved + 10);
  await press(page, "Pause");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  expect(await page.getByRole("alert").count()).toBe(0);
}

async function setQuota(page: Page, site: Site, quotaSize?: number): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Storage.overrideQuotaForOrigin", {
    origin: site.origin,
    ...(quotaSize === undefined ? {} : { quotaSize }),
  });
}

test.skipIf(noChromium)(`full storage is reported, and training goes on${skippedByOthers}`, async () => {
  const { page, site } = await visit();
  await setQuota(page, site, 1);
  await trainForLong(page);
  await page.getByText(FULL_STORAGE).waitFor();
  await untilEpoch(page, (await epochOf(page)) + 20);
  // What was never saved is not offered.
  await press(page, "Reset");
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
  expect(await page.getByText(OFFER).count()).toBe(0);
  expect(await savedRuns(page)).toEqual([]);
});

test.skipIf(noChromium)(
  `storage that fills up during a run keeps what it has, and saves again once there is room${skippedByOthers}`,
  async () => {
    const train = async (page: Page) => {
      await fill(page, "Hidden units", "128");
      await trainForLong(page);
      await expect.poll(async () => (await savedRuns(page)).length).toBe(1);
      return (await savedRuns(page))[0]!;
    };
    const { size } = await train((await visit()).page);
    const { page, site, openTab } = await visit();
    // Chromium looks at the quota again only when it has given away what it knew of: there is room for one checkpoint.
    await setQuota(page, site, 1.5 * size);
    const { epoch: before } = await train(page);
    await page.getByText(FULL_STORAGE).waitFor();
    expect((await savedRuns(page)).map(({ epoch }) => epoch)).toEqual([before]);
    await setQuota(page, site);
    await page.getByText(FULL_STORAGE).waitFor({ state: "hidden" });
    const after = await savedAfter(page, before);
    await page.close({ runBeforeUnload: false });
    const later = await openTab();
    await later.getByText(OFFER).waitFor();
    const [{ epoch }] = (await savedRuns(later)) as [SavedRun];
    expect(epoch).toBeGreaterThanOrEqual(after);
    await goesOn(later, epoch);
  },
);

describe.skipIf(noFirefox)("in Firefox, whose limits are preferences", () => {
  // In KiB, of all sites.
  const visit = useBrowser({ "dom.quotaManager.temporaryStorage.fixedLimit": 150 });

  test("full storage is reported, and training goes on", async () => {
    const { page } = await visit();
    await fill(page, "Hidden units", "128");
    await trainForLong(page);
    await page.getByText(FULL_STORAGE).waitFor();
    await untilEpoch(page, (await epochOf(page)) + 5);
  });
});

/** Makes the page's worker stop for good within a write, after so many entries were put into the database since it began. */
const STUCK = "/stuck";
const stopAfter = (puts: number) => `
  let left = ${puts};
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...entry) {
    const request = put.apply(this, entry);
    if (--left === 0) {
      const told = new XMLHttpRequest();
      told.open("GET", "${STUCK}", false);
      told.send();
      for (;;);
    }
    return request;
  }`;

const untilStuck = (site: Site) => expect.poll(() => site.requests.includes(STUCK)).toBe(true);

async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent("crash");
  const devtools = await page.context().newCDPSession(page);
  devtools.send("Page.crash").catch(() => {});
  await crashed;
  await page.close();
}

// A run's first write puts three entries: the list, the checkpoint, the data. Each later one puts two.
test.skipIf(noChromium).for(withMore([2, 5], [1, 3, 4]))(
  `a tab that is killed at entry %i of its writes leaves the state before${skippedByOthers}`,
  async (entry) => {
    const { page, site, openTab } = await visit();
    await beforeWorker(page, stopAfter(entry));
    await page.reload();
    await trainForLong(page);
    await untilStuck(site);
    await crash(page);
    const later = await openTab();
    await later.getByRole("button", { name: "Train", exact: true }).waitFor();
    const runs = await savedRuns(later);
    if (entry > 3) await goesOn(later, runs[0]!.epoch);
    else expect(runs).toEqual([]);
  },
);

test.skipIf(noChromium)(
  `a browser that is killed while it saves leaves the state before${skippedByOthers}`,
  async () => {
    const site = await serveThePage();
    const profile = await mkdtemp(join(tmpdir(), "lstm-page-"));
    const open = async () => {
      const context = await chromium.launchPersistentContext(profile, launchOptions(findChromium()!));
      onTestFinished(() => context.close());
      const page = await context.newPage();
      return { context, page };
    };
    onTestFinished(async () => {
      await site[Symbol.asyncDispose]();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    });
    const { context, page } = await open();
    await beforeWorker(page, stopAfter(5));
    await page.goto(`${site.origin}${PREFIX}`);
    // A checkpoint of some megabytes.
    await fill(page, "Hidden units", "256");
    await trainForLong(page);
    await untilStuck(site);
    const ended = new Promise((resolve) => context.once("close", resolve));
    const devtools = await context.newCDPSession(page);
    devtools.send("Browser.crash").catch(() => {});
    await ended;
    const { page: later } = await open();
    await later.goto(`${site.origin}${PREFIX}`);
    await later.getByText(OFFER).waitFor();
    const [run] = await savedRuns(later);
    await goesOn(later, run!.epoch);
  },
);

test.skipIf(noChromium)(
  `of two tabs one saves, and when it is killed the other takes over at its next visit${skippedByOthers}`,
  async () => {
    const { page, openTab } = await visit();
    await trainForLong(page);
    const first = await savedAfter(page, 0);
    const second = await openTab();
    await second.getByText(/the page is open in another tab, whose run is saved instead/).waitFor();
    await trainForLong(second);
    await untilEpoch(second, 20);
    await savedAfter(page, first);
    await crash(page);
    // The second tab's run was not saved, and its next visit has the first tab's.
    await second.reload();
    await second.getByText(OFFER).waitFor();
    const runs = await savedRuns(second);
    expect(runs).toHaveLength(1);
    await goesOn(second, runs[0]!.epoch);
    await savedAfter(second, runs[0]!.epoch);
  },
);

test.skipIf(noChromium)(`the oldest run makes room for the ninth, whole${skippedByOthers}`, async () => {
  const { page } = await visit();
  const ids: string[] = [];
  for (let i = 0; i < 9; i++) {
    await fill(page, "Epochs", "1");
    await press(page, "Train");
    await page.getByRole("button", { name: /^Train .* more$/ }).waitFor();
    await press(page, "Reset");
    await page.getByRole("button", { name: "Train", exact: true }).waitFor();
    ids.unshift((await savedRuns(page))[0]!.id);
  }
  expect((await savedRuns(page)).map(({ id }) => id)).toEqual(ids.slice(0, 8));
  await page.getByRole("button", { name: "Continue" }).first().click();
  await page.getByRole("button", { name: /^Train .* more$/ }).waitFor();
});
