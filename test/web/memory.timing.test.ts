import { readFileSync } from "node:fs";
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { noChromium, press, skipped, trainForLong, untilEpoch, useBrowser } from "./visit.js";

const visit = useBrowser();

/** How long a page trains, and how long before that it may still grow: caches fill, code is compiled, moments are kept. */
const MINUTES = Number(process.env["MINUTES"] ?? 2);
const [WARM_UP, PERIOD] = [45_000, 2000];
/** The most megabytes a minute. Each epoch's loss is kept, 8 bytes. */
const MOST = 3;

/** Megabytes of the page's process that are no one else's, its workers included. */
async function memoryOf(page: Page): Promise<number> {
  const session = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const sizes = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))![1]) / 1000);
  return Math.max(...sizes);
}

/** Growth in megabytes a minute, from the least of each third: garbage comes and goes. */
function growthOf(sizes: readonly number[]): number {
  const third = Math.floor(sizes.length / 3);
  const [first, last] = [Math.min(...sizes.slice(0, third)), Math.min(...sizes.slice(-third))];
  return (last - first) / ((2 * third * PERIOD) / 60_000);
}

test.skipIf(noChromium || process.platform !== "linux").for(["folded up", "open"])(
  `a page that trains, and looks inside: %s, hardly grows${skipped}`,
  { timeout: WARM_UP + (MINUTES + 2) * 60_000 },
  async (inside) => {
    const { page } = await visit();
    await trainForLong(page);
    await untilEpoch(page, 50);
    if (inside === "folded up") await press(page, "Fold up");
    await page.waitForTimeout(WARM_UP);
    const sizes: number[] = [];
    while (sizes.length * PERIOD < MINUTES * 60_000) {
      sizes.push(await memoryOf(page));
      await page.waitForTimeout(PERIOD);
    }
    const growth = growthOf(sizes);
    console.log(
      `${inside}: ${sizes.filter((_, i) => i % 5 === 0).map((size) => size.toFixed(0))} MB, ${growth.toFixed(1)} MB a minute`,
    );
    expect(growth).toBeLessThan(MOST);
  },
);
