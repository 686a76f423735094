import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright";
import { expect, onTestFinished, test } from "vitest";
import {
  byTestId,
  choose,
  fill,
  noBrowser,
  press,
  skipped,
  trainFor,
  trainForLong,
  untilEpoch,
  useBrowser,
} from "./visit.js";

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

test.skipIf(noBrowser)(`no frame takes long during training${skipped}`, { timeout: 90_000 }, async () => {
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

const LINE =
  "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness.\n";

const GREEK = "μῆνιν ἄειδε θεὰ Πηληϊάδεω Ἀχιλῆος οὐλομένην, ἣ μυρί᾽ Ἀχαιοῖς ἄλγε᾽ ἔθηκε.\n";

const chooseOwn = async (page: Page) => {
  await choose(page, "Text", "own");
};

/** Chooses a text by its path: the page would have to decode what a test hands over. */
async function trainOnFile(page: Page, text: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "lstm-page-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "long.txt");
  await writeFile(file, text);
  await page.getByLabel("Choose a file").first().setInputFiles(file);
  await page.getByText(/long\.txt, \d+,\d+,\d+ characters/).waitFor();
  await choose(page, "Recipe", "small");
  await press(page, "Train");
  await byTestId(page, "sample").waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1500);
}

/** Each journey as a visitor makes it, and a page that is ready for it. */
const JOURNEYS: Readonly<Record<string, { ready?: (page: Page) => Promise<void>; go: (page: Page) => Promise<void> }>> =
  {
    "a run to its end": { go: (page) => trainFor(page, 600) },
    "the play with its model": {
      go: async (page) => {
        await choose(page, "Text", "romeo");
        await page.locator(".passage").waitFor();
      },
    },
    "looking inside, neurons and surprises": {
      ready: async (page) => {
        await trainFor(page, 100);
        await page.locator(".passage").waitFor();
      },
      go: async (page) => {
        for (const at of [5, 40, 100, 150]) await page.locator(`.token[data-at="${at}"]`).hover();
        await page.getByRole("radio", { name: "Neurons" }).check();
        await page.locator(".heat-map").waitFor();
        await page.locator(".heat-map").focus();
        for (let i = 0; i < 12; i++) await page.keyboard.press(i % 2 === 0 ? "ArrowDown" : "ArrowRight");
        await fill(page, "Let it read your own words", "to die, to sleep; no more");
        await page.waitForTimeout(600);
      },
    },
    "a replay": {
      ready: async (page) => {
        await trainFor(page, 300);
        await page.waitForFunction(
          () => Number(document.querySelector<HTMLInputElement>(".time-travel input")!.max) > 20,
        );
      },
      go: async (page) => {
        await press(page, "Replay");
        await page.waitForTimeout(3000);
      },
    },
    "5 MB pasted": {
      ready: async (page) => {
        await choose(page, "Text", "own");
        await page.locator("textarea").first().focus();
        await page.evaluate((line) => {
          const text = line.repeat(Math.ceil(5e6 / line.length));
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          Object.assign(globalThis, { clipboardData });
        }, LINE);
      },
      go: async (page) => {
        await page.evaluate(() => {
          const { clipboardData } = globalThis as unknown as { clipboardData: DataTransfer };
          const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
          document.querySelector("textarea")!.dispatchEvent(paste);
        });
        await page.getByText(/Pasted text, 5,\d+,\d+ characters/).waitFor();
        await byTestId(page, "estimate").waitFor();
      },
    },
    "5 MB as a file, and training on it": {
      ready: chooseOwn,
      go: (page) => trainOnFile(page, LINE.repeat(Math.ceil(5e6 / LINE.length))),
    },
    "20 MB in two-byte characters as a file, and training on it": {
      ready: chooseOwn,
      go: (page) => trainOnFile(page, GREEK.repeat(Math.ceil(1e7 / GREEK.length))),
    },
    "a checkpoint of 50 MB, saved and opened": {
      ready: async (page) => {
        await fill(page, "Hidden units", "1000");
        await press(page, "Step");
        await page.getByRole("button", { name: "Resume" }).waitFor();
      },
      go: async (page) => {
        const download = page.waitForEvent("download");
        await press(page, "Download checkpoint");
        const path = await (await download).path();
        await page.getByLabel("Checkpoint file").first().setInputFiles(path);
        await page.waitForTimeout(3000);
        await page.getByRole("button", { name: "Resume" }).waitFor();
      },
    },
    "a long generated text": {
      ready: (page) => trainFor(page, 30),
      go: async (page) => {
        await fill(page, "Length", "25000");
        await press(page, "Generate");
        await page.getByRole("button", { name: "Generate", disabled: false }).waitFor({ timeout: 30_000 });
      },
    },
    "a series, its forecast and what goes on inside": {
      ready: (page) => page.getByRole("tab", { name: "Numbers" }).click(),
      go: async (page) => {
        await press(page, "Train");
        await byTestId(page, "forecast").waitFor();
        await press(page, "Unfold");
        await byTestId(page, "cell-parts").waitFor();
        await page.getByRole("slider", { name: "Row after which it forecasts" }).focus();
        for (let i = 0; i < 6; i++) await page.keyboard.press("ArrowLeft");
        await press(page, "Find anomalies");
        await byTestId(page, "anomalies").waitFor();
      },
    },
    "a saved run continued": {
      ready: async (page) => {
        await trainForLong(page);
        await untilEpoch(page, 100);
        await press(page, "Reset");
      },
      go: async (page) => {
        await press(page, "Continue");
        await untilEpoch(page, 110);
        await page.waitForTimeout(1000);
      },
    },
    "pictures saved": {
      ready: async (page) => {
        await trainFor(page, 100);
        await page.getByRole("radio", { name: "Neurons" }).check();
        await page.locator(".heat-map").waitFor();
      },
      go: async (page) => {
        for (const name of ["Save picture as PNG", "Save picture as SVG"])
          for (const within of [".chart", ".inside"]) {
            const download = page.waitForEvent("download");
            await page.locator(within).getByRole("button", { name }).click();
            await download;
          }
      },
    },
  };

test.skipIf(noBrowser).for(Object.entries(JOURNEYS))(
  `%s: no task of the main thread takes long${skipped}`,
  { timeout: 240_000 },
  async ([name, { ready, go }]) => {
    const worst: number[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { page } = await visit();
      await ready?.(page);
      await watch(page);
      await go(page);
      const { tasks } = await page.evaluate(() => (globalThis as unknown as { log: Log }).log);
      worst.push(Math.max(0, ...tasks));
      await page.close();
      if (worst.at(-1)! <= LONGEST) break;
    }
    console.log(`${name}: longest tasks ${worst.map((task) => `${task.toFixed(0)} ms`).join(", ")}`);
    expect(Math.min(...worst)).toBeLessThanOrEqual(LONGEST);
  },
);
