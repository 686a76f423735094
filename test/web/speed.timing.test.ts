import { characters, createModel, train } from "lstm-wasm";
import { presets } from "lstm-wasm/presets";
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { chooseSimd, epochOf, fill, noBrowser, press, skipped, trainForLong, untilEpoch, useBrowser } from "./visit.js";

const visit = useBrowser();

/** The least share of Node's throughput, with other tests running beside it; SPEED_RATIO sets another. */
const LEAST = Number(process.env["SPEED_RATIO"] ?? 0.6);
/** Attempts, since other programs may slow one of the two more than the other. */
const ROUNDS = 4;
/** The epochs to time: from the end of the first to the end of the last. */
const [FROM, TO] = [200, 900];
const { text, model: modelOptions, training } = presets.hamlet;

/** Characters per second by the wall clock, charts, samples and saving included. */
async function inPage(): Promise<number> {
  const { page } = await visit();
  await chooseSimd(page);
  await trainForLong(page);
  const times: [number, number][] = [];
  for (const epoch of [FROM, TO]) {
    await untilEpoch(page, epoch);
    times.push(
      await page.evaluate(() => {
        const shown = document.querySelector('[data-testid="epoch"]')!.textContent!;
        return [Number(shown.split("/")[0]!.replace(/\D/g, "")), performance.now()];
      }),
    );
  }
  await page.close();
  const [[first, start], [last, end]] = times as [[number, number], [number, number]];
  return ((last - first) * (text.length - 1) * 1000) / (end - start);
}

async function inNode(): Promise<number> {
  const model = await createModel({ ...modelOptions, vocabulary: characters(text), backend: "simd" });
  let start = 0;
  for await (const { epoch } of train(model, text, { ...training, epochs: TO, learningRate: 0.01 }))
    if (epoch === FROM) start = performance.now();
  model.free();
  return ((TO - FROM) * (text.length - 1) * 1000) / (performance.now() - start);
}

test.skipIf(noBrowser)(`training in the page is about as fast as in Node${skipped}`, async () => {
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [node, page] = [await inNode(), await inPage()];
    ratios.push(page / node);
    console.log(`page ${Math.round(page)}, Node ${Math.round(node)} characters/s: ${(page / node).toFixed(2)}`);
    if (page / node > LEAST) break;
  }
  expect(Math.max(...ratios)).toBeGreaterThan(LEAST);
});

/** Times that the panel is folded up and unfolded again, and milliseconds of each. */
const [TURNS, TURN] = [6, 2500];
/** The most of its speed that looking inside may cost a run. */
const MOST_COST = 0.1;

/** Epochs per second by the wall clock. */
async function epochsPerSecond(page: Page): Promise<number> {
  const start = { epoch: await epochOf(page), time: performance.now() };
  await page.waitForTimeout(TURN);
  return ((await epochOf(page)) - start.epoch) / ((performance.now() - start.time) / 1000);
}

test.skipIf(noBrowser)(
  `looking inside costs a run at most a tenth of its speed${skipped}`,
  { timeout: 120_000 },
  async () => {
    const { page } = await visit();
    await fill(page, "Epochs", "100000");
    // Such a run does not diverge before the end of the test.
    await fill(page, "Learning rate", "0.0003");
    await press(page, "Train");
    await untilEpoch(page, FROM);
    const speeds = { folded: [] as number[], open: [] as number[] };
    for (let turn = 0; turn < TURNS; turn++) {
      await press(page, "Fold up");
      speeds.folded.push(await epochsPerSecond(page));
      await press(page, "Unfold");
      speeds.open.push(await epochsPerSecond(page));
    }
    const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
    const share = median(speeds.open) / median(speeds.folded);
    console.log(
      `epochs/s: ${median(speeds.folded).toFixed(0)} folded up, ${median(speeds.open).toFixed(0)} open: ${share.toFixed(3)}`,
    );
    expect(share).toBeGreaterThan(1 - MOST_COST);
  },
);
