import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { byTestId, choose, noBrowser, skipped, useBrowser } from "./visit.js";

const visit = useBrowser();

/** The most milliseconds for a task of the main thread. */
const LONGEST = 50;
/** Other programs may delay any task; a page that computes too much does so in every attempt. */
const ATTEMPTS = 4;

test.skipIf(noBrowser)(`a large table does not hold up the page${skipped}`, { timeout: 60_000 }, async () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => {
    const date = new Date(Date.UTC(2000, 0, 1) + i * 3_600_000).toISOString().slice(0, 16).replace("T", " ");
    return `${date},${(20 + 5 * Math.sin(i / 4)).toFixed(3)}`;
  });
  const folder = await mkdtemp(join(tmpdir(), "lstm-page-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "large.csv");
  await writeFile(file, ["time,y", ...rows].join("\n"));
  const worst: number[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { page } = await visit();
    await page.getByRole("tab", { name: "Numbers" }).click();
    await choose(page, "Series", "own");
    await byTestId(page, "reading").waitFor({ state: "detached" });
    await page.evaluate(() => {
      const tasks: number[] = [];
      Object.assign(globalThis, { tasks });
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
        type: "longtask",
      });
    });
    // By its path: the page would have to decode what the test hands to it.
    await page.locator("[role=tabpanel]:visible").getByLabel("Choose a file").setInputFiles(file);
    await byTestId(page, "reading").getByText("100,000 rows").waitFor();
    await page.getByRole("img", { name: /^Chart of 100,000 rows from 2000-01-01/ }).waitFor();
    await page.getByRole("radiogroup", { name: "Part of the series" }).getByText("The end").click();
    await page.waitForTimeout(100);
    const tasks = await page.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks);
    worst.push(Math.max(0, ...tasks));
    await page.close();
    if (worst.at(-1)! <= LONGEST) break;
  }
  expect(Math.min(...worst), `long tasks: ${worst.join(", ")} ms`).toBeLessThanOrEqual(LONGEST);
});
