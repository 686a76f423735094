import { expect, test } from "vitest";
import { byTestId, choose, noBrowser, skipped, trainFor, useBrowser } from "./visit.js";

const visit = useBrowser();

test.skipIf(noBrowser)(`the page works without a network, once it was loaded${skipped}`, async () => {
  const { page, site, pageErrors } = await visit({ serviceWorkers: "allow" });
  await page.getByText("This page works offline from now on.").waitFor();
  // Nothing answers any longer, the service worker's own requests included.
  await site[Symbol.asyncDispose]();
  await page.reload();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await trainFor(page, 30);
  expect(await byTestId(page, "host").textContent()).toContain("simd kernels");
  // What was never used is not there, and the page says so.
  await page.reload();
  await choose(page, "Text", "romeo");
  await page.getByText("The play could not be fetched: check the connection").waitFor();
  expect(pageErrors.filter((message) => !/ERR_|Failed to load resource|NetworkError/.test(message))).toEqual([]);
});
