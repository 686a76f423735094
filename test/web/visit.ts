import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { FULL } from "../full.js";
import type { Preferences } from "../hosts/browser.js";
import { downloadOf } from "../hosts/download.js";
import { ISOLATION, type Site, type SiteOptions, serve } from "../hosts/serve.js";
import { skipped, testedBrowser } from "../hosts/tested-browser.js";

const BUILT = fileURLToPath(new URL("../../build/web", import.meta.url));
/** The page must work from any folder. */
export const PREFIX = "/some/where/";

export const STRICT_POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self'; " +
  "connect-src 'self'; img-src 'self'";

/** How the page is served. */
export interface Serving extends Pick<SiteOptions, "types"> {
  /** Whether the page may share memory between threads. Default true. */
  readonly isolated?: boolean;
  /** A Content-Security-Policy. Default: none. */
  readonly policy?: string;
}

/** Without a browser the tests of the page are skipped, and say so. */
export const noBrowser = testedBrowser.missing !== undefined;
export { skipped };

/** What others nearly imply is tried with FULL=1 only. */
export const notInDetail = noBrowser || !FULL;

/** Some tests need Chromium's own protocol: to drop files on the page, to fill its storage, to kill it. */
export const noChromium = noBrowser || testedBrowser.name !== "Chromium";
export const noFirefox = noBrowser || testedBrowser.name !== "Firefox";
export const skippedByOthers =
  testedBrowser.name === "Chromium" ? skipped : " (SKIPPED: needs Chromium’s own protocol)";

/** Serves the built page. */
export function serveThePage({ isolated = true, policy, types = {} }: Serving = {}): Promise<Site> {
  const headers = { ...(isolated ? ISOLATION : {}), ...(policy ? { "Content-Security-Policy": policy } : {}) };
  return serve({ folder: BUILT, prefix: PREFIX, headers, types });
}

/** A visit to the page. */
export interface Visit {
  readonly page: Page;
  readonly site: Site;
  /** Errors and policy violations that the browser logged. */
  readonly pageErrors: readonly string[];
  /** Opens another tab with the same storage. */
  openTab(): Promise<Page>;
}

/**
 * A Firefox that is driven by WebDriver BiDi does not always return from `new Worker` in a worker (153 ESR: one in some fifty calls;
 * by itself, one visit in twelve did not go on). So the page starts threads only where a test asks for them.
 */
const ONE_CORE: Preferences = { "dom.maxHardwareConcurrency": 1 };

/**
 * One browser for all tests of a file. Each visit has storage of its own.
 *
 * @param preferences for Firefox alone
 */
export function useBrowser(
  preferences: Preferences = {},
): (options?: Serving & BrowserContextOptions) => Promise<Visit> {
  let browser: Browser;

  beforeAll(async () => {
    if (!noBrowser) browser = await testedBrowser.launch({ ...ONE_CORE, ...preferences });
  });

  afterAll(async () => {
    await browser?.close();
  });

  return async ({ isolated = true, policy, types = {}, ...options } = {}) => {
    const site = await serveThePage({ isolated, ...(policy && { policy }), types });
    // A service worker would answer in place of the server; only some tests are about it.
    const context = await browser.newContext({ locale: "en-US", serviceWorkers: "block", ...options });
    // Otherwise its training would go on during the next tests.
    onTestFinished(async () => {
      await context.close();
      await site[Symbol.asyncDispose]();
    });
    const pageErrors: string[] = [];
    const openTab = async () => {
      const page = await context.newPage();
      page.on("pageerror", ({ message }) => pageErrors.push(message));
      page.on("console", (message) => {
        if (message.type() === "error") pageErrors.push(message.text());
      });
      await page.goto(`${site.origin}${PREFIX}`);
      return page;
    };
    return { page: await openTab(), site, pageErrors, openTab };
  };
}

// What users do on the page.

export const press = (page: Page, name: string | RegExp) =>
  page.locator("[role=tabpanel]:visible").getByRole("button", { name, exact: true }).click();

export const fill = (page: Page, label: string, value: string) =>
  page.locator("[role=tabpanel]:visible").getByLabel(label, { exact: true }).fill(value);

export const choose = (page: Page, label: string, option: string) =>
  page.locator("[role=tabpanel]:visible").getByLabel(label, { exact: true }).selectOption(option);

export const byTestId = (page: Page, id: string) => page.locator("[role=tabpanel]:visible").getByTestId(id);

/** Puts code before that of the worker, as a browser that lacks something. */
export const beforeWorker = (page: Page, code: string) =>
  page.route(/assets\/main-.*\.js/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${code};\n${await response.text()}` });
  });

/** The epoch shown, 0 before the first. */
export async function epochOf(page: Page): Promise<number> {
  const text = (await byTestId(page, "epoch").textContent()) ?? "";
  return Number(text.split("/")[0]!.replace(/\D/g, ""));
}

/** Chooses, in the advanced settings, the kernels that compute the same bits everywhere. */
export async function chooseSimd(page: Page): Promise<void> {
  await page.locator("[role=tabpanel]:visible").getByText("Advanced").click();
  await choose(page, "Backend", "simd");
}

/** Starts a run that outlasts the test. At the preset's own learning rate it would diverge. */
export async function trainForLong(page: Page): Promise<void> {
  await fill(page, "Epochs", "100000");
  await fill(page, "Learning rate", "0.01");
  await press(page, "Train");
}

/** Trains to the end of so many epochs. */
export async function trainFor(page: Page, epochs: number): Promise<void> {
  await fill(page, "Epochs", String(epochs));
  await press(page, "Train");
  await byTestId(page, "accuracy").waitFor();
}

/** Waits until this many epochs are done. */
export async function untilEpoch(page: Page, epoch: number): Promise<void> {
  await page.waitForFunction(
    (least) => {
      const shown = document.querySelector('[role=tabpanel]:not([hidden]) [data-testid="epoch"]')?.textContent ?? "";
      return Number(shown.split("/")[0]!.replace(/\D/g, "")) >= least;
    },
    epoch,
    { timeout: 25_000 },
  );
}

/** Downloads the page's checkpoint. */
export async function downloadCheckpoint(page: Page): Promise<Buffer> {
  return (await downloadOf(page, () => press(page, "Download checkpoint"))).bytes;
}

/** Chooses a file in the control with that label. */
export const upload = (page: Page, label: string, name: string, buffer: Buffer) =>
  page
    .locator("[role=tabpanel]:visible")
    .getByLabel(label, { exact: true })
    .setInputFiles({ name, mimeType: "application/octet-stream", buffer });
