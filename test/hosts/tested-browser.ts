import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright";
import { inject } from "vitest";
import { launch, launchFirefox, type Preferences } from "./browser.js";
import { findChromium, whyNoChromium } from "./chromium.js";
import { findFirefox, whyNoFirefox } from "./firefox.js";

/** The browser that the tests of pages run in: the same files are in a project of vitest.config.ts for each. */
export interface TestedBrowser {
  readonly name: "Chromium" | "Firefox";
  /** Why it is not here; undefined if it is. */
  readonly missing: string | undefined;
  /** Where its downloads are, if Playwright does not tell of them: see download.ts. */
  readonly downloads?: string;
  /** @param preferences for Firefox alone */
  launch(preferences?: Preferences): Promise<Browser>;
}

export const testedBrowser: TestedBrowser = inject("browser") === "Firefox" ? firefox() : chromium();

/** The end of a title, which says why the test is skipped, if it is. */
export const skipped = testedBrowser.missing === undefined ? "" : ` (SKIPPED: ${testedBrowser.missing})`;

function chromium(): TestedBrowser {
  const found = findChromium();
  return { name: "Chromium", missing: found ? undefined : whyNoChromium(), launch: () => launch(found!) };
}

function firefox(): TestedBrowser {
  const found = findFirefox();
  if (!found) {
    const missing = whyNoFirefox();
    return { name: "Firefox", missing, launch: () => Promise.reject(new Error(missing)) };
  }
  const downloads = mkdtempSync(join(tmpdir(), "lstm-wasm-downloads-"));
  process.once("exit", () => rmSync(downloads, { recursive: true, force: true }));
  const launch = (preferences?: Preferences) => launchFirefox(found, downloads, preferences);
  return { name: "Firefox", missing: undefined, downloads, launch };
}
