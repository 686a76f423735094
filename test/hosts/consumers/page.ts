import type { Browser } from "playwright";
import type { Result } from "./expected.js";

/** Opens a page and reads the line that its program prints. */
export async function resultOnPage(browser: Browser, url: string): Promise<Result> {
  const page = await browser.newPage();
  try {
    return await new Promise<Result>((resolve, reject) => {
      page.on("console", (message) => {
        if (message.type() === "log" && message.text().startsWith("{")) resolve(JSON.parse(message.text()) as Result);
      });
      page.on("pageerror", reject);
      page.goto(url).catch(reject);
    });
  } finally {
    await page.close();
  }
}

/** A page with one script. */
export const html = (script: string, importMap?: object): string =>
  `<!doctype html><meta charset="utf-8"><title>consumer</title>${
    importMap ? `<script type="importmap">${JSON.stringify(importMap)}</script>` : ""
  }<script type="module" src="${script}"></script>`;
