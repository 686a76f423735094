import type { Page } from "playwright";
import { expect, test } from "vitest";
import { noChromium, skipped, trainForLong, untilEpoch, useBrowser } from "./visit.js";

const visit = useBrowser();

/** The most milliseconds for a frame, or for a task of the main thread. */
const LONGEST = 50;
/** Other programs may delay any frame; a page that stutters does so in every attempt. */
const ATTEMPTS = 6;

interface Log {
  readonly frames: number[];
  readonly tasks: number[];
}

/** Starts recording the durations of the page's frames and of its main thread's long tasks. */
const watch = (page: Page) =>
  page.evaluate(() => {
    const log: Log = { frames: [], tasks: [] };
    Object.assign(globalThis, { log });
    new PerformanceObserver((list) => log.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: "longtask",
    });
    let last = performance.now();
    const frame = (now: number) => {
      log.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });

test.skipIf(noChromium)(`no frame takes long during training${skipped}`, { timeout: 90_000 }, async () => {
  const worst: { frame: number; task: number }[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { page } = await visit();
    await trainForLong(page);
    await untilEpoch(page, 10);
    await watch(page);
    await untilEpoch(page, 1000);
    const { frames, tasks } = await page.evaluate(() => (globalThis as unknown as { log: Log }).log);
    expect(frames.length).toBeGreaterThan(20);
    worst.push({ frame: Math.max(...frames), task: Math.max(0, ...tasks) });
    await page.close();
    if (worst.at(-1)!.frame <= LONGEST) break;
  }
  console.log(
    `worst frames: ${worst.map(({ frame, task }) => `${frame.toFixed(0)} ms (task ${task.toFixed(0)})`).join(", ")}`,
  );
  expect(Math.min(...worst.map(({ frame }) => frame))).toBeLessThanOrEqual(LONGEST);
  expect(Math.min(...worst.map(({ task }) => task))).toBeLessThanOrEqual(LONGEST);
});
