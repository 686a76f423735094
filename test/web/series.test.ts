import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "lstm-wasm";
import { getForecaster } from "lstm-wasm/forecast";
import type { Page } from "playwright";
import { expect, onTestFinished, test } from "vitest";
import { lstmWasm } from "../cli/run.js";
import { downloadOf } from "../hosts/download.js";
import { ROOT } from "../root.js";
import {
  byTestId,
  choose,
  downloadCheckpoint,
  fill,
  noBrowser,
  notInDetail,
  press,
  skipped,
  upload,
  useBrowser,
} from "./visit.js";

const visit = useBrowser();

const AIRLINE = join(ROOT, "examples", "airline-passengers.csv");
const SHOP = join(ROOT, "examples", "shop.csv");

const openTab = (page: Page) => page.getByRole("tab", { name: "Numbers" }).click();

/** Chooses a table of one's own. */
async function hand(page: Page, name: string, text: string | Buffer): Promise<void> {
  await choose(page, "Series", "own");
  await upload(page, "Choose a file", name, Buffer.from(text));
}

/** The cells of a table's row. */
const cellsOf = async (page: Page, id: string, name: RegExp | string) =>
  (await byTestId(page, id).getByRole("row", { name }).first().getByRole("cell").allTextContents()).map(Number);

/** Downloads the forecast. */
async function downloadForecast(page: Page): Promise<string> {
  return (await downloadOf(page, () => press(page, "Download CSV"))).bytes.toString();
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "lstm-page-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

/** Settings with which there is nothing to try. */
async function settleReading(page: Page): Promise<void> {
  await page.locator("[role=tabpanel]:visible").getByText("Advanced").click();
  await choose(page, "Differencing", "first");
  await choose(page, "Scaling", "standard");
  await choose(page, "Transform", "log");
  await fill(page, "Hidden units", "8");
}

const month = (i: number) => new Date(Date.UTC(2015, i, 1)).toISOString().slice(0, 7);

test.skipIf(noBrowser)(
  `the page forecasts a year ahead better than the season before, and the command line goes on with it${skipped}`,
  async () => {
    const { page, pageErrors } = await visit();
    await page.getByRole("tab", { name: "Text" }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("tab", { name: "Numbers" }).getAttribute("aria-selected")).toBe("true");
    await press(page, "Train");
    await byTestId(page, "search")
      .getByText(/^Trying how to read the series, \d of 6: 12 rows of/)
      .waitFor();
    await byTestId(page, "errors").waitFor();
    const rmse = async (name: RegExp) => (await cellsOf(page, "errors", name))[0]!;
    const own = await rmse(/^This model/);
    expect(await rmse(/^The value a season before/)).toBeCloseTo(42.54, 2);
    expect(own).toBeLessThan(36);
    const report = (await byTestId(page, "errors").textContent())!;
    expect(report).toMatch(/^On 60 held-out rows from 1956-01 on, the typical error \(RMSE\) in passengers is /);
    expect(report).toMatch(/up to 12 rows ahead\. That is 1\.\d times smaller than with the best naive forecast/);
    expect(report).toMatch(/The 80 % interval held [5-9]\d(\.\d)? % of these values/);
    expect(await byTestId(page, "search").textContent()).toMatch(/^Chose 12 rows of /);
    await page
      .getByRole("img", {
        name:
          "Chart of 144 rows from 1949-01 to 1960-12, with forecasts of the held-out rows from 1956-01 on, " +
          "with a forecast of 12 more rows, and its 80 % interval",
      })
      .waitFor();
    await press(page, "Unfold");
    await byTestId(page, "cell-parts").getByText("is what this row would write into the cell.").waitFor();
    // All that is forecast there has come since.
    await page.getByText("forecast after 1959-12").waitFor();
    await page.getByRole("slider", { name: "Row after which it forecasts" }).focus();
    await page.keyboard.press("ArrowLeft");
    await page.getByText("forecast after 1959-11").waitFor();
    await page.getByRole("img", { name: /^Chart of the rows from 1958-12 to 1960-11: those that are read/ }).waitFor();
    const units = page.getByRole("slider", { name: "Unit of the network" });
    await units.press("ArrowDown");
    expect(await units.getAttribute("aria-valuetext")).toMatch(/^1959-11: unit \d+ of 32 holds [+−]?\d/);
    await press(page, "Fold up");
    const csv = await downloadForecast(page);
    const lines = csv.trim().split("\n");
    expect(lines).toHaveLength(13);
    expect(lines[0]).toBe("date,passengers,passengers 0.1,passengers 0.9");
    expect([lines[1], lines[12]].map((line) => line!.split(",")[0])).toEqual(["1961-01", "1961-12"]);
    for (const line of lines.slice(1)) {
      const [mean, low, high] = line.split(",").slice(1).map(Number) as [number, number, number];
      expect(low).toBeLessThan(mean);
      expect(mean).toBeLessThan(high);
    }
    const [first] = await cellsOf(page, "forecast", "1961-01");
    expect(first).toBeCloseTo(Number(lines[1]!.split(",")[1]), 1);
    await fill(page, "Rows ahead", "13");
    await press(page, "Forecast");
    await page.getByText(/At most 12, for which it was trained: its quantiles are calibrated up to there/i).waitFor();

    const file = await downloadCheckpoint(page);
    const model = join(await folder(), "air.safetensors");
    await writeFile(model, file);
    const { stdout } = await lstmWasm(["forecast", "--model", model, "--csv", AIRLINE]);
    const there = stdout.trim().split("\n");
    expect(there[0]).toBe(lines[0]);
    // Kernels may differ in the last bits.
    const numbers = (all: string[]) => all.slice(1).flatMap((line) => line.split(",").slice(1).map(Number));
    for (const [i, value] of numbers(there).entries()) expect(value).toBeCloseTo(numbers(lines)[i]!, 1);

    await page.reload();
    await openTab(page);
    await press(page, "Discard");
    await upload(page, "Checkpoint file", "air.safetensors", file);
    await byTestId(page, "errors").waitFor();
    expect(await rmse(/^This model/)).toBe(own);
    expect(await page.getByRole("button", { name: /^Train \d+ more$/ }).isEnabled()).toBe(true);
    expect(pageErrors).toEqual([]);
  },
);

test.skipIf(notInDetail)(
  `a slider moves the forecast, the curve’s cursor and the cells through the training${skipped}`,
  async () => {
    const { page, pageErrors } = await visit();
    await openTab(page);
    await settleReading(page);
    await fill(page, "Epochs", "60");
    await press(page, "Train");
    await byTestId(page, "errors").waitFor();
    await press(page, "Unfold");
    await byTestId(page, "cell-parts").waitFor();
    const slider = page.getByRole("slider", { name: "Moment of the run" });
    await expect.poll(async () => Number(await slider.getAttribute("max"))).toBeGreaterThan(12);
    expect(await slider.getAttribute("aria-valuetext")).toBe("after 60 epochs");
    // Forecast, loss, window of rows, cell states.
    const pictures = () =>
      page
        .locator("[role=tabpanel]:visible canvas")
        .evaluateAll((all) => all.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
    const last = await pictures();
    expect(last).toHaveLength(4);
    // Cells stand below the rows that were read, half of those that are drawn.
    const widthOf = async (selector: string) => (await page.locator(selector).boundingBox())!.width;
    const share = (await widthOf(".under-plot")) / (await widthOf(".inside .u-over"));
    expect(share).toBeCloseTo(0.5, 2);
    await slider.press("Home");
    const moment = byTestId(page, "moment");
    await moment.waitFor();
    const errorOf = async () => Number(/\(RMSE\) of ([\d.]+)\.$/.exec((await moment.textContent())!)![1]);
    expect(await moment.textContent()).toMatch(/^What the network forecast after 1 epoch, with/);
    // The earlier moments are looked into anew since the panel was unfolded.
    const changed = async () => (await pictures()).filter((picture, i) => picture !== last[i]).length;
    await expect.poll(changed, { timeout: 20_000 }).toBe(4);
    // It has learned since.
    expect(await errorOf()).toBeGreaterThan(1.5 * (await cellsOf(page, "errors", /^This model/))[0]!);
    // All moments look at another row.
    const row = page.getByRole("slider", { name: "Row after which it forecasts" });
    await row.press("Home");
    await page.getByText("forecast after 1955-12").waitFor();
    expect(await slider.getAttribute("aria-valuetext")).toBe("after 1 epoch");
    await press(page, "Replay");
    await page.waitForFunction(
      () => Number(document.querySelector<HTMLElement>('[data-testid="moment"]')!.dataset["epoch"]) > 1,
    );
    await press(page, "Stop replay");
    await slider.press("End");
    await moment.waitFor({ state: "detached" });
    expect(pageErrors).toEqual([]);
  },
);

test.skipIf(notInDetail)(`tables that are not UTF-8 are read, and their encoding can be chosen${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  await openTab(page);
  const rows = Array.from({ length: 40 }, (_, i) => `${month(i)};${100 + i},5`);
  const table = `Monat;Größe\n${rows.join("\n")}\n`;
  const target = page.locator("[role=tabpanel]:visible").getByLabel("Target", { exact: true });
  const isRead = async (name: string) => {
    await target.locator("option", { hasText: name }).waitFor({ state: "attached" });
    await expect.poll(() => target.inputValue()).toBe(name);
    await byTestId(page, "reading").getByText("40 rows").waitFor();
  };
  const encoding = page.getByLabel("Encoding", { exact: true });
  await hand(page, "latin.csv", Buffer.from(table, "latin1"));
  await isRead("Größe");
  expect(await encoding.inputValue()).toBe("windows-1252");
  await choose(page, "Encoding", "macintosh");
  await isRead("Grˆﬂe");
  for (const [file, label] of [
    [Buffer.from(table, "utf16le"), "utf-16le"],
    [Buffer.from(`\ufeff${table}`, "utf16le"), "utf-16le"],
    [Buffer.from(table, "utf16le").swap16(), "utf-16be"],
  ] as const) {
    await upload(page, "Choose a file", "utf16.csv", Buffer.from(file));
    await isRead("Größe");
    expect(await encoding.inputValue()).toBe(label);
  }
  await upload(page, "Choose a file", "plain.csv", Buffer.from(table));
  await encoding.waitFor({ state: "detached" });
  await isRead("Größe");
  expect(pageErrors).toEqual([]);
});

test.skipIf(notInDetail)(`a forecaster of the command line opens, and trains on${skipped}`, async () => {
  const path = join(await folder(), "shop.safetensors");
  const flags = ["--id", "product", "--target", "sales", "--season", "12", "--horizon", "3", "--test-rows", "6"];
  const more = ["--known-future", "promotion", "--static", "kind", "--calendar", "--quantiles", "0.1,0.5,0.9"];
  const trained = ["--hidden-size", "8", "--epochs", "3", "--quiet"];
  const { code, stderr } = await lstmWasm(["train", "--csv", SHOP, ...flags, ...more, ...trained, "--out", path]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const { page, pageErrors } = await visit();
  await openTab(page);
  await upload(page, "Checkpoint file", "shop.safetensors", await readFile(path));
  await page.getByText(/^This checkpoint was trained on “.*shop\.csv”, which this page does not have/).waitFor();
  await hand(page, "shop.csv", await readFile(SHOP));
  await upload(page, "Checkpoint file", "shop.safetensors", await readFile(path));
  await byTestId(page, "errors").waitFor();
  expect(await byTestId(page, "errors").textContent()).toMatch(/^On 18 held-out rows of 3 series, the mean absolute/);
  const settings = page.locator("[role=tabpanel]:visible").getByRole("region", { name: "Settings" });
  expect(await settings.getByLabel("Series column").inputValue()).toBe("product");
  expect(await settings.getByLabel("promotion").inputValue()).toBe("future");
  expect(await settings.getByLabel("kind").inputValue()).toBe("static");
  expect(await settings.getByLabel("Interval, in percent").inputValue()).toBe("80");
  await press(page, "Train 3 more");
  await page.getByRole("button", { name: "Train 3 more" }).waitFor();
  await byTestId(page, "errors").waitFor();
  expect(await byTestId(page, "epoch").textContent()).toBe("6 / 6");
  expect(pageErrors).toEqual([]);
});

test.skipIf(noBrowser)(`a table of several series suggests how it is read${skipped}`, async () => {
  const { page } = await visit();
  await openTab(page);
  await hand(page, "shop.csv", await readFile(SHOP));
  await byTestId(page, "reading").getByText("3 series of 48 rows").waitFor();
  const facts = await byTestId(page, "reading").getByRole("listitem").allTextContents();
  expect(facts).toContain("dates in “month” from 2021-01-01 to 2025-03-01, a row every month");
  const field = (label: string) => page.getByRole("region", { name: "Settings" }).getByLabel(label, { exact: true });
  expect(await field("Target").inputValue()).toBe("sales");
  expect(await field("Series column").inputValue()).toBe("product");
  expect(await field("promotion").inputValue()).toBe("future");
  expect([await field("Season length").inputValue(), await field("Steps ahead").inputValue()]).toEqual(["12", "3"]);
  await page.getByRole("img", { name: "Chart of 48 rows of coffee from 2021-01-01 to 2024-12-01" }).waitFor();
  await choose(page, "Shown series", "tea");
  await page.getByRole("img", { name: "Chart of 48 rows of tea from 2021-01-01 to 2024-12-01" }).waitFor();
  await choose(page, "Transform", "none");
  await fill(page, "Epochs", "4");
  await fill(page, "Hidden units", "8");
  await press(page, "Train");
  await byTestId(page, "forecast").getByText("sales of tea").waitFor();
  await choose(page, "Shown series", "coffee");
  await byTestId(page, "forecast").getByText("sales of coffee").waitFor();
  const ids = (await downloadForecast(page))
    .trim()
    .split("\n")
    .map((line) => line.split(",")[0]);
  expect(new Set(ids)).toEqual(new Set(["id", "coffee", "lemonade", "tea"]));
  expect(ids).toHaveLength(10);
});

test.skipIf(notInDetail)(
  `the page says how a table is read, and what to do about what is missing${skipped}`,
  async () => {
    const { page } = await visit();
    await openTab(page);
    const rows = Array.from({ length: 60 }, (_, i) => {
      const sales = i === 7 ? "" : (9 + Math.sin(i / 3)).toFixed(3).replace(".", ",");
      return `${month(i)};${sales};${i % 5}`;
    });
    await hand(
      page,
      "gap.csv",
      ["month;visits;sales", ...rows.map((row) => row.replace(/^(\S+?);(.*);(.*)$/, "$1;$3;$2"))].join("\n"),
    );
    await page
      .getByText(/The table cannot be read: line 9, column "sales".* set “Empty cells and missing dates: Fill in/)
      .waitFor();
    const reading = byTestId(page, "reading");
    for (const fact of ["60 rows", "semicolons between cells", "decimal commas", "“sales” has 1 empty cell"])
      await reading.getByText(fact).waitFor();
    await choose(page, "Empty cells and missing dates", "interpolate");
    await reading.getByText("filled in 1 missing value by interpolation").waitFor();
    await page.getByRole("img", { name: "Chart of 60 rows from 2015-01 to 2019-12" }).waitFor();
    await choose(page, "Transform", "none");
    await fill(page, "Steps ahead", "1");
    await fill(page, "Season length", "1");
    await fill(page, "Epochs", "5");
    await press(page, "Train");
    await byTestId(page, "errors").waitFor();
    const file = await downloadCheckpoint(page);
    await press(page, "Reset");
    await choose(page, "Empty cells and missing dates", "drop");
    await upload(page, "Checkpoint file", "gap.safetensors", file);
    await byTestId(page, "errors").waitFor();
    await reading.getByText("filled in 1 missing value by interpolation").waitFor();
  },
);

test.skipIf(notInDetail)(
  `a forecast that is worse than a naive one is said to be, and what to try${skipped}`,
  async () => {
    const { page } = await visit();
    await openTab(page);
    const ramp = Array.from({ length: 90 }, (_, i) => `${50 + 3 * i}`);
    await hand(page, "ramp.csv", ["y", ...ramp].join("\n"));
    await byTestId(page, "reading").getByText("90 rows").waitFor();
    await page.locator("[role=tabpanel]:visible").getByText("Advanced").click();
    // A network that is shown levels, and hardly trained, cannot know of levels to come.
    await choose(page, "Differencing", "none");
    await choose(page, "Scaling", "standard");
    await choose(page, "Transform", "none");
    await fill(page, "Epochs", "1");
    await fill(page, "Interval, in percent", "0");
    await press(page, "Train");
    await byTestId(page, "errors").waitFor();
    const report = (await byTestId(page, "errors").textContent())!;
    expect(report).toMatch(/That is worse than with the best naive forecast \(/);
    expect(report).toMatch(/forecast is better here: trust it rather than this model, or .* set “Season length” if/);
    expect(report).not.toContain("interval held");
    expect(await byTestId(page, "forecast").getByRole("row").count()).toBeGreaterThan(5);
  },
);

test.skipIf(notInDetail)(
  `another target leaves the one before out, and large numbers fit beside the chart${skipped}`,
  async () => {
    const { page } = await visit();
    await openTab(page);
    const rows = Array.from({ length: 60 }, (_, i) => `${month(i)},${10 + (i % 7)},${2_000_000 + 9000 * (i % 5)}`);
    await hand(page, "two.csv", ["month,small,large", ...rows].join("\n"));
    await byTestId(page, "reading").getByText("60 rows").waitFor();
    const target = page.locator("[role=tabpanel]:visible").getByLabel("Target", { exact: true });
    expect(await target.inputValue()).toBe("large");
    // As wide as the numbers, which are drawn into the canvas, left of what uPlot lays over the lines.
    const room = () => page.locator(".series .u-over").evaluate((lines) => (lines as HTMLElement).offsetLeft);
    const width = await page.evaluate(() => {
      const context = document.createElement("canvas").getContext("2d")!;
      context.font = "12px system-ui, sans-serif";
      return context.measureText("2,000,000").width;
    });
    await expect.poll(room).toBeGreaterThan(width);
    await choose(page, "Target", "small");
    await settleReading(page);
    await fill(page, "Epochs", "2");
    await press(page, "Train");
    await byTestId(page, "errors").waitFor();
    const { settings } = getForecaster(await load(await downloadCheckpoint(page)));
    expect(settings).toMatchObject({ target: "small", columns: [], knownFuture: [], static: [] });
  },
);

test.skipIf(notInDetail)(`rows outside their interval are listed and marked${skipped}`, async () => {
  const { page } = await visit();
  await openTab(page);
  const rows = Array.from({ length: 150 }, (_, i) => {
    const noise = Math.sin(12.9898 * i) * 0.4;
    return `${i === 137 ? 400 : (20 + 5 * Math.sin(i / 2) + noise).toFixed(2)}`;
  });
  await hand(page, "spike.csv", ["y", ...rows].join("\n"));
  await byTestId(page, "reading").getByText("150 rows").waitFor();
  await choose(page, "Transform", "none");
  await fill(page, "Steps ahead", "1");
  await fill(page, "Hidden units", "8");
  await fill(page, "Epochs", "20");
  await press(page, "Train");
  await byTestId(page, "errors").waitFor();
  await press(page, "Find anomalies");
  const list = byTestId(page, "anomalies");
  await list.waitFor();
  expect(await list.getByRole("row").nth(1).textContent()).toMatch(/^row 138400/);
  await page.getByRole("img", { name: /, with \d+ anomal(y|ies) marked$/ }).waitFor();
  await fill(page, "Mark from a score of", "0.5");
  await press(page, "Find anomalies");
  await fill(page, "Mark from a score of", "1");
  await choose(page, "Look at", "all");
  await press(page, "Find anomalies");
  await list.getByText(/with a score of 1 or more/).waitFor();
});

test.skipIf(notInDetail)(
  `a network that ends worse than it was, or explodes, goes back to its best, and on from there${skipped}`,
  async () => {
    const { page, pageErrors } = await visit();
    await openTab(page);
    await settleReading(page);
    await fill(page, "Epochs", "30");
    await press(page, "Train");
    await byTestId(page, "errors").waitFor();
    const learned = Number(await byTestId(page, "training-loss").textContent());
    // A rate that undoes what was learned, and does not explode.
    await fill(page, "Learning rate", "0.3");
    await fill(page, "Epochs", "35");
    await press(page, "Resume");
    const best = byTestId(page, "best-epoch");
    await best.waitFor();
    expect(await best.textContent()).toMatch(
      /^Epoch 3\d, .*: that of epoch 35 is [\d.,]+ % above it\. So the model went/,
    );
    await byTestId(page, "errors").waitFor();
    await fill(page, "Learning rate", "0.002");
    await fill(page, "Epochs", "3");
    await press(page, "Go on from the best");
    await expect.poll(() => byTestId(page, "epoch").textContent()).toBe("3 / 3");
    await byTestId(page, "errors").waitFor();
    expect(Number(await byTestId(page, "training-loss").textContent())).toBeLessThan(1.2 * learned);
    expect(await page.getByRole("button", { name: "Go on from the best" }).count()).toBe(0);

    await fill(page, "Learning rate", "1e9");
    await fill(page, "Epochs", "20");
    await press(page, "Resume");
    await page
      .getByRole("alert")
      .filter({ hasText: /^Training diverged/ })
      .waitFor();
    expect(await best.textContent()).toMatch(/^Epoch \d, with loss [\d.]+: the model went back to it\.$/);
    // Its forecasts are those of the best parameters.
    expect((await cellsOf(page, "errors", /^This model/))[0]).toBeLessThan(60);
    expect(await byTestId(page, "forecast").getByRole("row").count()).toBe(13);
    await fill(page, "Learning rate", "0.002");
    await press(page, "Go on from the best");
    await expect.poll(() => byTestId(page, "epoch").textContent()).toBe("20 / 20");
    await byTestId(page, "errors").waitFor();
    expect(Number(await byTestId(page, "training-loss").textContent())).toBeLessThan(1.2 * learned);
    expect(pageErrors).toEqual([]);
  },
);

test.skipIf(notInDetail)(`a network is watched while it learns a series${skipped}`, async () => {
  const { page } = await visit();
  await openTab(page);
  await settleReading(page);
  await fill(page, "Epochs", "100000");
  await press(page, "Unfold");
  await press(page, "Train");
  await byTestId(page, "cell-parts").waitFor();
  const cells = () => byTestId(page, "cell-parts").textContent();
  const first = await cells();
  await expect.poll(cells).not.toBe(first);
  await page.getByRole("button", { name: "Pause" }).waitFor();
});

test.skipIf(notInDetail)(`the search for how to read the series can be stopped${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  await openTab(page);
  await fill(page, "Hidden units", "256");
  await press(page, "Train");
  await byTestId(page, "search")
    .getByText(/^Trying how to read/)
    .waitFor();
  await press(page, "Reset");
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
  expect(await byTestId(page, "search").count()).toBe(0);
  await fill(page, "Hidden units", "4");
  await fill(page, "Epochs", "2");
  await press(page, "Train");
  await byTestId(page, "errors").waitFor();
  expect(pageErrors).toEqual([]);
});

test.skipIf(noBrowser)(`the page says why it refuses a table${skipped}`, async () => {
  const { page } = await visit();
  await openTab(page);
  await choose(page, "Series", "own");
  await fill(page, "Your own table (CSV with a header)", "a,b\n1,2\n3,4,5\n");
  await page.getByText(/The table cannot be read: line 3: expected 2 cells/).waitFor();
  await fill(page, "Your own table (CSV with a header)", "a\nx\ny\nz");
  await page.getByText(/No column is numeric: line/).waitFor();
  await fill(page, "Your own table (CSV with a header)", "a,b\n1,2\n2,3\n3,4");
  await byTestId(page, "reading").getByText("3 rows").waitFor();
  await press(page, "Train");
  await page.getByText(/Too few rows/i).waitFor();
  await choose(page, "Series", "airline");
  await fill(page, "Steps ahead", "0");
  await press(page, "Train");
  await page.getByText("Expected an integer from 1 to 10000, got 0.").waitFor();
  await fill(page, "Steps ahead", "12");
  await fill(page, "Interval, in percent", "100");
  await press(page, "Train");
  await page.getByText("Expected a percentage from 0 to below 100, got 100.").waitFor();
});
