import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright";
import { testedBrowser } from "./tested-browser.js";

/** A file that a page gives away. */
export interface Download {
  readonly name: string;
  readonly bytes: Buffer;
}

/** What a page saves when something is pressed. */
export async function downloadOf(page: Page, press: () => Promise<void>): Promise<Download> {
  const { downloads } = testedBrowser;
  if (downloads !== undefined) {
    await press();
    return take(downloads);
  }
  const saving = page.waitForEvent("download");
  await press();
  const file = await saving;
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

/**
 * Takes the file out of the folder that Firefox writes to: it gives downloads of blobs no number, and Playwright does not tell of
 * them. As long as a file is incomplete, another beside it ends with .part.
 */
async function take(folder: string): Promise<Download> {
  for (;;) {
    const names = await readdir(folder);
    const [name] = names;
    if (name !== undefined && !names.some((one) => one.endsWith(".part"))) {
      const path = join(folder, name);
      const bytes = await readFile(path);
      if (bytes.length > 0) {
        await rm(path);
        return { name, bytes };
      }
    }
    await sleep(50);
  }
}
