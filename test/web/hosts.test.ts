import { expect, test } from "vitest";
import { byTestId, choose, fill, noBrowser, press, STRICT_POLICY, skipped, trainFor, useBrowser } from "./visit.js";

const visit = useBrowser();

/** A run whose batch can be split across two threads. */
async function trainOnTwoThreads(page: Parameters<typeof press>[0]): Promise<string> {
  await choose(page, "Recipe", "small");
  await page.locator("[role=tabpanel]:visible").getByText("Advanced").click();
  await fill(page, "Threads", "2");
  await fill(page, "Epochs", "3");
  await press(page, "Train");
  await byTestId(page, "accuracy").waitFor();
  return (await byTestId(page, "host").textContent())!;
}

test.skipIf(noBrowser)(`an isolated page trains on several threads, under a strict policy${skipped}`, async () => {
  const { page, pageErrors } = await visit({ policy: STRICT_POLICY });
  expect(await trainOnTwoThreads(page)).toMatch(/2 threads\.$/);
  expect(pageErrors).toEqual([]);
});

test.skipIf(noBrowser)(`a page that is not isolated trains on one thread, and says why${skipped}`, async () => {
  const { page, pageErrors } = await visit({ isolated: false, policy: STRICT_POLICY });
  expect(await trainOnTwoThreads(page)).toMatch(/1 thread: this page is not cross-origin isolated/);
  expect(pageErrors).toEqual([]);
});

test.skipIf(noBrowser)(`kernels load whatever their Content-Type${skipped}`, async () => {
  const { page } = await visit({ types: { ".wasm": "application/octet-stream" } });
  await trainFor(page, 30);
  expect(await byTestId(page, "host").textContent()).toMatch(/simd kernels/);
});

test.skipIf(noBrowser)(
  `where WebAssembly is forbidden the page falls back to plain JavaScript, and says so${skipped}`,
  async () => {
    const { page } = await visit({ policy: STRICT_POLICY.replace(" 'wasm-unsafe-eval'", "") });
    await fill(page, "Epochs", "5");
    await press(page, "Train");
    await byTestId(page, "accuracy").waitFor();
    expect(await byTestId(page, "host").textContent()).toMatch(
      /javascript kernels, .*WebAssembly is not available here/,
    );
  },
);

test.skipIf(noBrowser)(`the page reports a worker that cannot be loaded${skipped}`, async () => {
  const { page } = await visit();
  await page.route(/assets\/main-.*\.js/, (route) => route.abort());
  await page.reload();
  await page
    .getByRole("alert")
    .filter({ hasText: /^The training worker failed/ })
    .waitFor();
});
