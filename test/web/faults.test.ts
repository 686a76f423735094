import type { Page } from "playwright";
import { expect, test } from "vitest";
import { FULL } from "../full.js";
import {
  beforeWorker,
  byTestId,
  choose,
  epochOf,
  fill,
  noBrowser,
  noChromium,
  notInDetail,
  press,
  STRICT_POLICY,
  skipped,
  skippedByOthers,
  trainFor,
  trainForLong,
  untilEpoch,
  useBrowser,
} from "./visit.js";

// What broke when people tried the page for two hours, item by item. What is not here is tested beside its subject: Reset and
// saved runs in run-store, fields and messages in settings and refusals, offline visits in offline, tables in series.

const visit = useBrowser();

const alert = (page: Page, hasText: RegExp) => page.getByRole("alert").filter({ hasText });

const isInView = (page: Page, hasText: RegExp) =>
  alert(page, hasText).evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });

/** Pixels of about a color in the chart. */
const pixels = (page: Page, name: string) =>
  page.locator(".chart canvas").evaluate((canvas: HTMLCanvasElement, name) => {
    const color = getComputedStyle(canvas).getPropertyValue(name).trim();
    const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4)
      if (data[i + 3]! > 200 && wanted.every((part, c) => Math.abs(data[i + c]! - part) < 40)) found++;
    return found;
  }, name);

const LONG = "It was the best of times, it was the worst of times, it was the age of wisdom. ".repeat(8000);

test.skipIf(notInDetail)(
  `“more” is the same number again, and a run that explodes keeps what it had learned${skipped}`,
  { timeout: 60_000 },
  async () => {
    const { page } = await visit();
    await fill(page, "Epochs", "60");
    await trainFor(page, 60);
    for (const epochs of [120, 180]) {
      await press(page, "Train 60 more");
      await untilEpoch(page, epochs);
      await byTestId(page, "accuracy").waitFor();
    }
    const learned = Number(await byTestId(page, "training-loss").textContent());
    // A rate that makes the loss explode, and never infinite.
    await fill(page, "Learning rate", "30");
    await press(page, "Train 60 more");
    await alert(page, /^Training diverged .*epoch 1[78]\d/).waitFor();
    expect(learned).toBeLessThan(2);
    await fill(page, "Temperature", "0.1");
    await press(page, "Generate");
    await page.getByRole("button", { name: "Generate", disabled: false }).waitFor();
    expect((await byTestId(page, "generated").textContent())!.match(/\b(the|to|and|of)\b/g)!.length).toBeGreaterThan(
      10,
    );
    await fill(page, "Learning rate", "0.01");
    await fill(page, "Epochs", "3");
    await press(page, "Go on from the best");
    await byTestId(page, "accuracy").waitFor();
    expect(await epochOf(page)).toBe(3);
    expect(Number(await byTestId(page, "training-loss").textContent())).toBeLessThan(2);
  },
);

test.skipIf(notInDetail)(`a run that ends worse than it was goes back to its best, and says so${skipped}`, async () => {
  const { page } = await visit();
  await trainFor(page, 100);
  const learned = Number(await byTestId(page, "training-loss").textContent());
  // A rate that undoes some of it, and does not explode.
  await fill(page, "Learning rate", "0.2");
  await fill(page, "Epochs", "110");
  await press(page, "Resume");
  await byTestId(page, "best-epoch").waitFor();
  const kept = (await byTestId(page, "best-epoch").textContent())!;
  expect(kept).toMatch(
    /^Epoch 10\d, with loss 0\.\d{4}: that of epoch 110 is [\d.]+ % above it\. So the model went back/,
  );
  expect(await pixels(page, "--muted")).toBeGreaterThan(100);
  await fill(page, "Learning rate", "0.01");
  await fill(page, "Epochs", "3");
  await press(page, "Go on from the best");
  await expect.poll(() => byTestId(page, "epoch").textContent()).toBe("3 / 3");
  expect(Number(await byTestId(page, "training-loss").textContent())).toBeLessThan(learned + 0.1);
});

test.skipIf(noBrowser)(`generation gets its turn between long steps${skipped}`, async () => {
  const { page } = await visit();
  await fill(page, "Hidden units", "500");
  await fill(page, "Learning rate", "0.001");
  await fill(page, "Epochs", "100000");
  await press(page, "Train");
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await fill(page, "Length", "60");
  await press(page, "Generate");
  await page.getByRole("button", { name: "Generate", disabled: false }).waitFor({ timeout: 20_000 });
  expect((await byTestId(page, "generated").textContent())!.length).toBe("to be".length + 60);
  expect(await page.getByRole("button", { name: "Pause" }).count()).toBe(1);
});

test.skipIf(notInDetail)(`with held-out text, the best epoch is marked, and who speaks is said${skipped}`, async () => {
  const { page } = await visit();
  await fill(page, "Validation fraction", "0.2");
  await trainFor(page, 200);
  const best = byTestId(page, "best-epoch");
  expect(await best.textContent()).toMatch(
    /^Epoch \d+(, the last\.|: the model speaks with its parameters, not with those of epoch 200\.)$/,
  );
  expect(await pixels(page, "--muted")).toBeGreaterThan(100);
});

test.skipIf(notInDetail)(`the chart shows the first epoch of a long text, and a single point${skipped}`, async () => {
  const { page } = await visit();
  await choose(page, "Text", "own");
  await page
    .getByLabel("Choose a file")
    .first()
    .setInputFiles({
      name: "times.txt",
      mimeType: "text/plain",
      buffer: Buffer.from(LONG),
    });
  await choose(page, "Recipe", "small");
  await press(page, "Train");
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.waitForFunction(() => /\d/.test(document.querySelector('[data-testid="training-loss"]')!.textContent!));
  await page.waitForTimeout(300);
  expect(await epochOf(page)).toBe(0);
  expect(await pixels(page, "--accent")).toBeGreaterThan(5);
  await press(page, "Reset");
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
  await choose(page, "Text", "hamlet");
  await trainFor(page, 1);
  expect(await pixels(page, "--accent")).toBeGreaterThan(5);
});

test.skipIf(notInDetail)(`Train waits until a file has been read, and a table understood${skipped}`, async () => {
  const { page } = await visit();
  // A worker that starts late reads late.
  await page.route(/assets\/main-.*\.js/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.continue();
  });
  await page.reload();
  const give = (name: string, content: string) =>
    page
      .locator("[role=tabpanel]:visible")
      .getByLabel("Choose a file")
      .first()
      .setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(content) });
  await choose(page, "Text", "own");
  await fill(page, "Epochs", "2");
  await give("times.txt", LONG.slice(0, 2000));
  await page.getByRole("button", { name: "Reading…" }).waitFor();
  await press(page, "Train");
  await expect.poll(() => byTestId(page, "epoch").textContent()).toBe("2 / 2");
  await page.getByRole("tab", { name: "Numbers" }).click();
  await choose(page, "Series", "own");
  await give("ramp.csv", ["value", ...Array.from({ length: 80 }, (_, i) => i % 7)].join("\n"));
  await press(page, "Train");
  await byTestId(page, "epoch").waitFor();
  expect(await page.getByRole("alert").count()).toBe(0);
});

test.skipIf(notInDetail)(`a flat loss is seen on a logarithmic scale${skipped}`, async () => {
  const { page } = await visit();
  await trainFor(page, 120);
  const picture = () => page.locator(".chart canvas").evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const linear = await picture();
  await page.getByLabel("log scale").check();
  await page.waitForTimeout(100);
  expect(await picture()).not.toBe(linear);
  expect(await pixels(page, "--accent")).toBeGreaterThan(20);
});

test.skipIf(notInDetail)(`without SharedArrayBuffer an isolated page trains on one thread${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  await beforeWorker(page, "delete globalThis.SharedArrayBuffer");
  await page.reload();
  await choose(page, "Recipe", "small");
  await trainFor(page, 2);
  expect(await byTestId(page, "host").textContent()).toMatch(
    /1 thread: this browser has no memory that threads can share/,
  );
  expect(pageErrors).toEqual([]);
});

test.skipIf(notInDetail)(`a language that is no language tag leaves no blank page${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  await page.addInitScript(() => {
    const get = () => "C";
    Object.defineProperty(Navigator.prototype, "language", { get, configurable: true });
    const NumberFormat = Intl.NumberFormat;
    Intl.NumberFormat = new Proxy(NumberFormat, {
      construct(target, [locale = navigator.language, options]) {
        return new target(locale, options);
      },
    });
  });
  await page.reload();
  await trainFor(page, 30);
  await page.getByRole("img", { name: /^Chart of the training loss/ }).waitFor();
  expect(pageErrors).toEqual([]);
});

test.skipIf(notInDetail)(`blocked site data are named as such${skipped}`, async () => {
  const { page } = await visit();
  await beforeWorker(
    page,
    "IDBFactory.prototype.open = () => { throw new DOMException('blocked', 'SecurityError'); };" +
      "LockManager.prototype.request = () => Promise.reject(new DOMException('blocked', 'SecurityError'))",
  );
  await page.reload();
  await page.getByText(/This run will not be saved .* the browser blocks this page’s site data\./).waitFor();
  await trainFor(page, 10);
});

test.skipIf(notInDetail)(`kernels that cannot be fetched are named, with what helps a visitor${skipped}`, async () => {
  const { page } = await visit();
  await page.route(/\.wasm/, (route) => route.abort());
  await page.reload();
  await press(page, "Train");
  const message = (await alert(page, /./).textContent())!;
  expect(message).toBe("A part of the page could not be fetched. Check the connection, and reload the page.");
});

test.skipIf(notInDetail)(`a part that cannot be fetched when it is wanted says so${skipped}`, async () => {
  const { page } = await visit();
  await page.route(/assets\/(neurons|series-tab)-.*\.js/, (route) => route.abort());
  await page.reload();
  await trainFor(page, 10);
  await page.getByRole("radio", { name: "Neurons" }).check();
  await alert(page, /^A part of the page could not be fetched/).waitFor();
  await page.getByRole("tab", { name: "Numbers" }).click();
  await alert(page, /^A part of the page could not be fetched/).waitFor();
});

test.skipIf(noBrowser)(`errors come into view, and what they advise to change can be changed${skipped}`, async () => {
  const { page } = await visit({ viewport: { width: 700, height: 400 } });
  await choose(page, "Text", "own");
  await fill(page, "Your own text", "too short");
  await press(page, "Train");
  await alert(page, /too short/).waitFor();
  expect(await isInView(page, /too short/)).toBe(true);
  await choose(page, "Text", "hamlet");
  await fill(page, "Learning rate", "1e30");
  await press(page, "Train");
  await alert(page, /^Training diverged/).waitFor();
  expect(await isInView(page, /^Training diverged/)).toBe(true);
  expect(await page.getByLabel("Learning rate", { exact: true }).isEnabled()).toBe(true);
  await page
    .getByLabel("Checkpoint file")
    .first()
    .setInputFiles({
      name: "notes.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("no model"),
    });
  await alert(page, /^Could not open this file/).waitFor();
  expect(await isInView(page, /^Could not open this file/)).toBe(true);
});

test.skipIf(notInDetail)(`disabled fields say why${skipped}`, async () => {
  const { page } = await visit();
  await trainForLong(page);
  await untilEpoch(page, 3);
  await page.getByText("You can change some settings while the run is paused, and the others after a reset.").waitFor();
  await press(page, "Pause");
  await page.getByText("To change the settings in gray, press Reset.").waitFor();
});

test.skipIf(notInDetail)(`a text from right to left is laid out so${skipped}`, async () => {
  const { page } = await visit();
  await choose(page, "Text", "own");
  await fill(page, "Your own text", "בראשית ברא אלהים את השמים ואת הארץ. ".repeat(30));
  await choose(page, "Recipe", "small");
  await trainFor(page, 3);
  await fill(page, "Prompt", "בראשית");
  await fill(page, "Length", "20");
  await press(page, "Generate");
  await page.getByRole("button", { name: "Generate", disabled: false }).waitFor();
  for (const selector of ["textarea", '[data-testid="sample"]', '[data-testid="generated"]', ".prompt"])
    expect(
      await page
        .locator(selector)
        .last()
        .evaluate((element) => getComputedStyle(element).direction),
      selector,
    ).toBe("rtl");
});

test.skipIf(notInDetail)(
  `prompt and continuation look different, and what is left out is counted${skipped}`,
  { timeout: 120_000 },
  async () => {
    const { page } = await visit();
    await trainFor(page, 30);
    const generate = async (length: string) => {
      await fill(page, "Length", length);
      await press(page, "Generate");
      await page.getByRole("button", { name: "Generate", disabled: false }).waitFor({ timeout: 90_000 });
    };
    await generate("100");
    const weight = (selector: string) =>
      page.locator(selector).evaluate((element) => Number(getComputedStyle(element).fontWeight));
    expect(await weight(".generated strong")).toBeGreaterThan(await weight(".generated"));
    // Its beginning goes first, with the prompt.
    await generate("22000");
    await page.getByText(/^The first [\d,]+ characters are no longer shown\.$/).waitFor();
  },
);

test.skipIf(noChromium || !FULL)(
  `a print has the sample, the curve and the passage, and nothing to press${skippedByOthers}`,
  async () => {
    const { page } = await visit();
    await trainFor(page, 60);
    await page.locator(".passage").waitFor();
    await page.emulateMedia({ media: "print" });
    for (const shown of [
      byTestId(page, "sample"),
      page.locator(".chart"),
      page.locator(".passage"),
      page.locator("h1"),
    ])
      expect(await shown.isVisible()).toBe(true);
    for (const hidden of [".controls", ".settings", ".tabs", ".time-travel", ".tools", ".save-picture"])
      expect(await page.locator(hidden).first().isVisible(), hidden).toBe(false);
    // Nothing is cut off within a box of its own.
    const isWhole = await page.locator(".passage").evaluate((box) => box.scrollHeight <= box.clientHeight + 1);
    expect(isWhole).toBe(true);
  },
);

test.skipIf(noChromium || !FULL)(
  `forced colors leave what is chosen and what is primary visible${skippedByOthers}`,
  async () => {
    const { page } = await visit({ forcedColors: "active" });
    await trainFor(page, 60);
    await page.locator(".passage").waitFor();
    const style = (selector: string, name: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), name);
    expect(await style('[role="tab"][aria-selected="true"]', "border-bottom-color")).not.toBe(
      await style('[role="tab"][aria-selected="false"]', "border-bottom-color"),
    );
    expect(await style(".segments :checked + span", "background-color")).not.toBe(
      await style(".segments input:not(:checked) + span", "background-color"),
    );
    expect(await style("button.primary", "border-top-width")).toBe("2px");
    // What the network invents is told from what is in the text.
    const slider = page.getByRole("slider", { name: "Moment of the run" });
    await slider.press("Home");
    const invented = await style(".invented", "color");
    await slider.press("End");
    expect(await style(".known", "color")).not.toBe(invented);
  },
);

test.skipIf(notInDetail)(`at 400 % zoom nothing is covered or cut off${skipped}`, async () => {
  const { page } = await visit({ viewport: { width: 320, height: 256 } });
  await trainFor(page, 60);
  await page.locator(".passage").waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  // The buttons do not stay over what they are for.
  expect(await page.locator(".training > .controls").evaluate((box) => getComputedStyle(box).position)).toBe("static");
});

test.skipIf(notInDetail)(`the icon is a file that the strict policy allows${skipped}`, async () => {
  const { page, site, pageErrors } = await visit({ policy: STRICT_POLICY });
  const href = (await page.locator('link[rel="icon"]').getAttribute("href"))!;
  expect(href).not.toMatch(/^data:/);
  const { origin } = site;
  const status = await page.evaluate(async (address) => (await fetch(address)).status, href);
  expect([status, new URL(page.url()).origin]).toEqual([200, origin]);
  expect(pageErrors).toEqual([]);
});

test.skipIf(notInDetail)(`buttons say what they do${skipped}`, async () => {
  const { page } = await visit();
  await page.getByRole("heading", { name: "Generate text" }).waitFor();
  await page.getByRole("heading", { name: "Save and reopen" }).waitFor();
  expect(await page.getByLabel("Recipe").textContent()).toContain("Recommended (1 s)");
  await trainFor(page, 3);
  await page.getByText("Running on").waitFor();
  expect(await byTestId(page, "host").textContent()).toContain("batch size 1 cannot be split across threads");
  await page.getByRole("tab", { name: "Numbers" }).click();
  await page.getByLabel("Steps ahead").first().waitFor();
  const text = (await page.locator("body").textContent())!;
  for (const old of [
    "Let it write",
    "Take it along",
    "Begin anew",
    "Go on with it",
    "foretell",
    "errs by",
    "Computed by",
  ])
    expect(text).not.toContain(old);
});
