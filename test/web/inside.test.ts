import { characters, createModel, train } from "lstm-wasm";
import { trace } from "lstm-wasm/inspect";
import { presets } from "lstm-wasm/presets";
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { CELL_STEPS, cellAt, type Insight } from "../../web/src/common/insight.js";
import { forgettingAt } from "../../web/src/page/inside/forgetting.js";
import { featureOf, featuresIn, rankUnits } from "../../web/src/page/inside/unit-order.js";
import { insightOf } from "../../web/src/worker/inside/insight.js";
import { passageFor } from "../../web/src/worker/inside/passage.js";
import { FULL } from "../full.js";
import {
  byTestId,
  choose,
  fill,
  noBrowser,
  noChromium,
  press,
  skipped,
  skippedByOthers,
  trainFor,
  trainForLong,
  untilEpoch,
  useBrowser,
} from "./visit.js";

const visit = useBrowser();
const { text } = presets.hamlet;

/** A model that has read some of the soliloquy. */
async function trainedModel() {
  const vocabulary = characters(text);
  const model = await createModel({ vocabulary, hiddenSize: 12, seed: 3, backend: "simd" });
  for await (const _ of train(model, text, { epochs: 3, learningRate: 0.01 }));
  return model;
}

test("an insight has the trace's numbers, to the last step of its scale", async () => {
  const model = await trainedModel();
  const tokens = model.vocabulary.encode(text.slice(0, 80));
  const insight = insightOf(model, tokens, false);
  const { layers, outputs, surprisals } = trace(model, tokens);
  const { forgetGate, cell, cellGate } = layers[0]![0]!;
  expect(insight.tokens.join("")).toBe(text.slice(0, 80));
  expect(insight.surprisal[0]).toBeNaN();
  for (const [t, u] of [
    [0, 0],
    [17, 5],
    [79, 11],
  ] as const) {
    const parts = cellAt(insight, t, u);
    expect(Math.abs(parts.forget - forgetGate[t * 12 + u]!)).toBeLessThanOrEqual(0.5 / 255 + 1e-6);
    expect(Math.abs(parts.candidate - cellGate[t * 12 + u]!)).toBeLessThanOrEqual(0.5 / 127 + 1e-6);
    expect(Math.abs(parts.cell - cell[t * 12 + u]!)).toBeLessThanOrEqual(0.5 / CELL_STEPS + 1e-6);
    // The parts add up to the cell as the drawing says.
    expect(Math.abs(parts.forget * parts.before + parts.input * parts.candidate - parts.cell)).toBeLessThan(0.03);
    expect(Math.abs(parts.output * Math.tanh(parts.cell) - parts.hidden)).toBeLessThan(0.02);
  }
  const at = 30;
  expect(insight.surprisal[at]).toBeCloseTo(surprisals![at - 1]!, 5);
  const row = [...outputs.subarray((at - 1) * model.vocabulary.size, at * model.vocabulary.size)];
  const best = [...row].sort((a, b) => b - a).slice(0, 5);
  expect([...insight.likeliest.probabilities.subarray(at * 5, at * 5 + 5)]).toEqual(best);
  expect(insight.likeliest.tokens[at * 5]).toBe(model.vocabulary.tokens[row.indexOf(best[0]!)]);
  model.free();
});

test("the passage is the user's words, else what was held out, else the text's beginning", async () => {
  const model = await trainedModel();
  const content = { text };
  const data = model.vocabulary.encode(text);
  const read = (passage: ReturnType<typeof passageFor>) => model.vocabulary.decode(passage!.tokens);
  expect(read(passageFor({ model, data, content }, "☃to☃ be"))).toBe("to be");
  expect(passageFor({ model, data, content }, "☃")).toBeUndefined();
  expect(text.startsWith(read(passageFor({ model, data, content }, "")))).toBe(true);
  // A model without a run of its own: its text says what it was not trained on.
  const { vocabulary } = model;
  const opened = await createModel({ vocabulary, hiddenSize: 12, backend: "simd" });
  const held = passageFor({ model: opened, data, content: { text, heldOut: 0.1 } }, "")!;
  opened.free();
  expect(held.isHeldOut).toBe(true);
  expect(text.endsWith(read(held))).toBe(true);
  expect(passageFor({ model, data: new Int32Array(), content: { text: "" } }, "")).toBeUndefined();
  model.free();
});

test("units are sorted by what they do", () => {
  const tokens = [...'say "no" now\nor "yes" then'];
  // From the opening mark on, and no longer at the closing one.
  expect([...featureOf(tokens, "quotes")].join("")).toBe("00001110000000001111000000");
  const line = featureOf(tokens, "line");
  expect([line[0], line[11], line[12], line[13]]).toEqual([1, 12, 0, 1]);
  const cell = new Int16Array(tokens.length * 3);
  tokens.forEach((_, t) => {
    cell[t * 3] = 10;
    cell[t * 3 + 1] = -40 * line[t]!;
    cell[t * 3 + 2] = 200 * (t % 2);
  });
  const insight = { tokens, units: 3, activity: { cell } } as unknown as Insight;
  const [first, , last] = rankUnits(insight, "line");
  expect([first!.unit, last!.unit]).toEqual([1, 0]);
  expect(first!.score).toBeLessThan(-0.9);
  expect(featuresIn([..."abc"])).not.toContain("quotes");
});

test("what the forget gates do at a step is said of all units together", () => {
  const forget = Uint8Array.of(255, 255, 0, 51, 102, 255, 255, 255, 255);
  const insight = { units: 3, activity: { forget } } as unknown as Insight;
  expect(forgettingAt(insight, 0)).toBe(
    "the network forgets more than on average: the forget gates of its 3 units keep 67 % of what the cells hold " +
      "(73 % over all that it reads); " +
      "one erases more than half.",
  );
  expect(forgettingAt(insight, 1)).toMatch(/ keep 53 % .*; 2 erase more than half\.$/);
  expect(forgettingAt(insight, 2)).toMatch(
    /forgets less than on average: .* keep 100 % .*; none erases more than half\.$/,
  );
});

test.skipIf(noBrowser)(`a line that the network does not know by heart is offered${skipped}`, async () => {
  const { page } = await visit();
  await trainFor(page, 1000);
  await page.getByText(/it knows these by heart/).waitFor();
  await press(page, "such as a line of Macbeth");
  await page.getByText(/Your words/).waitFor();
  await page.getByText(/it knows these by heart/).waitFor({ state: "detached" });
  await page.getByRole("button", { name: /^What its cells do at/ }).click();
  await page
    .getByText(
      /^At “,” the network forgets .* on average: the forget gates of its 25 units keep \d+ % of what the cells hold/,
    )
    .waitFor();
});

test.skipIf(noBrowser)(`the page shows what the network knows, with the keyboard alone${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  await trainFor(page, 60);
  const character = page.getByRole("slider", { name: "Character of the passage" });
  await character.waitFor();
  await page.getByRole("button", { name: /^See what it knows/ }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => character.evaluate((passage) => passage === document.activeElement)).toBe(true);
  await page.keyboard.press("Home");
  expect(await character.getAttribute("aria-valuetext")).toBe("t, the first");
  await page.keyboard.press("ArrowRight");
  expect(await character.getAttribute("aria-valuetext")).toMatch(/^o, \d+\.\d bits; expected: (\S+ [\d.]+ %(, )?){5}$/);
  expect(await byTestId(page, "likeliest").getByRole("listitem").count()).toBe(5);
  await page.locator('.token[data-at="9"]').hover();
  expect(await character.getAttribute("aria-valuenow")).toBe("9");

  await page.getByRole("button", { name: /^What its cells do at/ }).click();
  expect(await page.getByRole("radio", { name: "Neurons" }).isChecked()).toBe(true);
  const unit = page.getByRole("slider", { name: "Unit of the network" });
  await unit.focus();
  const before = await unit.getAttribute("aria-valuetext");
  await page.keyboard.press("ArrowDown");
  expect(await unit.getAttribute("aria-valuetext")).not.toBe(before);
  expect(await byTestId(page, "cell-parts").getByRole("term").allTextContents()).toEqual([
    "f Forget gate",
    "i Input gate",
    "g Candidate",
    "c Cell state",
    "o Output gate",
    "h Hidden state",
  ]);
  await choose(page, "Sorted by", "word");
  await page.getByText(/^Unit \d+ goes with the position in the word: correlation/).waitFor();

  // The slider moves the text, the heat map and the cursor in the curve.
  const pictures = () =>
    page
      .locator(".heat-map canvas, .chart canvas")
      .evaluateAll((all) => all.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
  const last = await pictures();
  await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>(".time-travel input")!.max) > 5);
  await page.getByRole("slider", { name: "Moment of the run" }).focus();
  await page.keyboard.press("Home");
  await page.getByText(/The network after 1 epoch\./).waitFor();
  const first = await pictures();
  expect(first).toHaveLength(2);
  for (const [i, picture] of first.entries()) expect(picture).not.toBe(last[i]);
  expect(await byTestId(page, "sample").getAttribute("data-epoch")).toBe("1");
  await press(page, "Replay");
  await page.waitForFunction(
    () => Number(document.querySelector<HTMLElement>('[data-testid="sample"]')!.dataset["epoch"]) > 1,
  );
  await press(page, "Stop replay");

  await fill(page, "Let it read your own words", "to sleep");
  await page.waitForFunction(() => document.querySelectorAll(".token").length === 8);
  expect(pageErrors).toEqual([]);
});

test.skipIf(noBrowser)(
  `the network is watched while it learns, and left alone once the panel is folded${skipped}`,
  async () => {
    const { page } = await visit();
    await trainForLong(page);
    await untilEpoch(page, 20);
    const shown = () => page.locator(".inside .kicker").textContent();
    const first = await shown();
    await page.waitForFunction((before) => document.querySelector(".inside .kicker")!.textContent !== before, first);
    await page.getByRole("button", { name: "Fold up" }).click();
    expect(await page.locator(".inside .passage").count()).toBe(0);
  },
);

test.skipIf(noChromium || !FULL)(`on a phone, a tap chooses a character${skippedByOthers}`, async () => {
  const { page } = await visit({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await trainFor(page, 30);
  await page.locator('.token[data-at="30"]').tap();
  const character = page.getByRole("slider", { name: "Character of the passage" });
  expect(await character.getAttribute("aria-valuenow")).toBe("30");
  await page.getByText("Neurons").tap();
  const unit = page.getByRole("slider", { name: "Unit of the network" });
  const before = await unit.getAttribute("aria-valuenow");
  await page.locator(".heat-map").evaluate((map) => map.scrollIntoView({ block: "center" }));
  const box = (await page.locator(".heat-map").boundingBox())!;
  await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height * 0.9);
  await expect.poll(() => unit.getAttribute("aria-valuenow")).not.toBe(before);
});

/** Replays a run, and counts what it shows. */
async function replay(page: Page): Promise<{ seconds: number; shown: number }> {
  const start = performance.now();
  await press(page, "Replay");
  const shown = new Set<string | null>();
  while (await page.getByRole("button", { name: "Stop replay" }).isVisible()) {
    shown.add(await byTestId(page, "sample").getAttribute("data-epoch"));
    await page.waitForTimeout(50);
  }
  return { seconds: (performance.now() - start) / 1000, shown: shown.size };
}

test.skipIf(noChromium || !FULL)(
  `the learning is replayed in ten seconds, in a few pictures where motion is to be reduced${skippedByOthers}`,
  { timeout: 60_000 },
  async () => {
    const { page } = await visit();
    await trainFor(page, 300);
    await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>(".time-travel input")!.max) > 20);
    const moving = await replay(page);
    expect(moving.shown).toBeGreaterThan(15);
    await page.emulateMedia({ reducedMotion: "reduce" });
    const calm = await replay(page);
    expect(calm.shown).toBeLessThan(13);
    for (const { seconds } of [moving, calm]) {
      expect(seconds).toBeGreaterThan(7);
      expect(seconds).toBeLessThan(20);
    }
  },
);

test.skipIf(noBrowser)(`a play comes with a model that generates before anything is trained${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await choose(page, "Text", "romeo");
  await page.getByRole("button", { name: "Train a new one" }).waitFor();
  await page.getByText("From the part of the text that was held out: the model has never seen it.").waitFor();
  // Better than a model that knows how often each character occurs.
  await page.getByText(/on average 2\.\d bits a character/).waitFor();
  await fill(page, "Prompt", "ROMEO:");
  await press(page, "Generate");
  await page.getByRole("button", { name: "Generate", disabled: false }).waitFor();
  expect(await byTestId(page, "generated").textContent()).toMatch(/^ROMEO:\n[A-Z]/);
  expect(requests.filter((url) => /romeo/.test(url))).toHaveLength(2);
  expect(pageErrors).toEqual([]);
});
