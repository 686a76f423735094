import { type Browser, chromium, firefox, type LaunchOptions } from "playwright";
import type { Chromium } from "./chromium.js";
import { type Firefox, firefoxOptions } from "./firefox.js";

/** How Playwright starts this Chromium. */
export function launchOptions({ executablePath, args, env }: Chromium, ...more: string[]): LaunchOptions {
  return { executablePath, args: [...args, ...more], env: { ...process.env, ...env } as Record<string, string> };
}

/** What about:config shows. */
export type Preferences = Readonly<Record<string, string | number | boolean>>;

/** Opens an address and waits until the page's script has set `globalThis.result`, a promise, and for its value. */
export async function resultOf<T>(browser: Browser, address: string): Promise<T> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const failed = new Promise<never>((_, reject) => {
      // Firefox reports what a policy forbids as an error, which Chromium does not.
      page.on("pageerror", (error) => error.name !== "Content-Security-Policy" && reject(error));
      page.on("crash", () => reject(new Error("the page has crashed")));
    });
    const result = async () => {
      await page.goto(address);
      return (await page.evaluate("globalThis.result")) as T;
    };
    return await Promise.race([result(), failed]);
  } finally {
    await context.close();
  }
}

export const launch = (found: Chromium) => chromium.launch(launchOptions(found));

/** @param downloadsPath the folder that it downloads to */
export const launchFirefox = (found: Firefox, downloadsPath: string, preferences: Preferences = {}) =>
  firefox.launch({ ...firefoxOptions(found), downloadsPath, firefoxUserPrefs: preferences });
