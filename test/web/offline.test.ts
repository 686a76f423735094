import { brotliCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { byTestId, choose, noChromium, skipped, trainFor, useBrowser } from "./visit.js";

const visit = useBrowser();

/**
 * The most that the page may send before a model or text is chosen, compressed. 100 KB are wanted; 15 of these are modules of
 * the library that the page's own thread does not use, kept by bundlers for what is imported on demand.
 */
const LIMIT = 100_000;

test.skipIf(noChromium)(`the page works without a network, once it was loaded${skipped}`, async () => {
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
  expect(pageErrors.filter((message) => !/ERR_|Failed to load resource/.test(message))).toEqual([]);
});

test.skipIf(noChromium)(`the page takes less than 100 KB until something is chosen${skipped}`, async () => {
  const { page } = await visit();
  const bodies: Promise<Buffer>[] = [];
  page.on("response", (response) => bodies.push(response.body()));
  await page.reload();
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
  await page.waitForLoadState("networkidle");
  const sizes = (await Promise.all(bodies)).map((body) => brotliCompressSync(body).length);
  expect(sizes.length).toBeGreaterThan(3);
  const total = sizes.reduce((a, b) => a + b);
  console.log(`the page: ${total} bytes compressed, before anything is chosen`);
  expect(total).toBeLessThan(LIMIT);
});
