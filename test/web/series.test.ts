import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { byTestId, choose, downloadCheckpoint, fill, noChromium, press, skipped, upload, useBrowser } from "./visit.js";

const visit = useBrowser();

test.skipIf(noChromium)(
  `the page forecasts a series better than the seasonal naive forecast does${skipped}`,
  async () => {
    const { page, pageErrors } = await visit();
    await page.getByRole("tab", { name: "Text" }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("tab", { name: "Numbers" }).getAttribute("aria-selected")).toBe("true");
    await press(page, "Train");
    const errors = byTestId(page, "errors");
    await errors.waitFor();
    const row = async (name: RegExp) => Number(await errors.getByRole("row", { name }).getByRole("cell").textContent());
    const [model, seasonal, persistence] = [
      await row(/This model/),
      await row(/12 rows earlier/),
      await row(/previous value/),
    ];
    expect(seasonal).toBeCloseTo(41.85, 1);
    expect(persistence).toBeGreaterThan(0);
    expect(model).toBeLessThan(25);
    expect(await errors.textContent()).toMatch(/On 48 held-out rows, .* times smaller than with/);
    await fill(page, "Steps ahead", "24");
    await press(page, "Forecast");
    const forecast = byTestId(page, "forecast");
    await forecast.waitFor();
    const values = (await forecast.textContent())!.trim().split(/\s+/).map(Number);
    expect(values).toHaveLength(24);
    for (const value of values) expect(value).toBeGreaterThan(200);
    await page
      .getByRole("img", {
        name: "Chart of 144 rows from 1949-01 to 1960-12, predicted one step ahead from row 97 on, with a forecast of 24 more",
      })
      .waitFor();
    const saved = page.waitForEvent("download");
    await press(page, "Download CSV");
    const lines = (await readFile(await (await saved).path(), "utf8")).trim().split("\n");
    expect(lines.length).toBe(25);
    expect(lines[0]).toBe("date,passengers");
    expect([lines[1], lines[24]].map((line) => line!.split(",")[0])).toEqual(["1961-01", "1962-12"]);
    expect(lines.slice(1).map((line) => Number(Number(line.split(",")[1]).toPrecision(4)))).toEqual(values);

    const file = await downloadCheckpoint(page);
    await page.reload();
    await page.getByRole("tab", { name: "Numbers" }).click();
    await press(page, "Discard");
    await upload(page, "Checkpoint file", "air.safetensors", file);
    await byTestId(page, "errors").waitFor();
    expect(await row(/This model/)).toBe(model);
    expect(pageErrors).toEqual([]);
  },
);

test.skipIf(noChromium)(`the user chooses the columns of a table${skipped}`, async () => {
  const { page } = await visit();
  await page.getByRole("tab", { name: "Numbers" }).click();
  await choose(page, "Series", "own");
  const rows = Array.from(
    { length: 80 },
    (_, i) => `d${i},${Math.sin(i / 3).toFixed(4)},${(Math.cos(i / 3) * 5).toFixed(4)}`,
  );
  await upload(page, "Choose a file", "waves.csv", Buffer.from(["day,sine,cosine", ...rows].join("\n")));
  await choose(page, "Target", "sine");
  await page.getByLabel("cosine").check();
  for (const name of ["Log transform", "Differencing"]) await page.getByLabel(name).uncheck();
  await fill(page, "Season length", "");
  await fill(page, "Epochs", "60");
  await press(page, "Train");
  await byTestId(page, "errors").waitFor();
  expect(await byTestId(page, "errors").textContent()).toMatch(/in sine/);
  expect(await byTestId(page, "errors").getByRole("row").count()).toBe(3);
});

test.skipIf(noChromium)(`a column with an empty cell is offered, and what to do about it${skipped}`, async () => {
  const { page } = await visit();
  await page.getByRole("tab", { name: "Numbers" }).click();
  await choose(page, "Series", "own");
  const month = (i: number) => new Date(Date.UTC(2015, i, 1)).toISOString().slice(0, 7);
  const rows = Array.from({ length: 60 }, (_, i) => `${month(i)},${i === 7 ? "" : 9 + Math.sin(i / 3)},${i % 5}`);
  await upload(page, "Choose a file", "gap.csv", Buffer.from(["month,sales,visits", ...rows].join("\n")));
  await choose(page, "Target", "sales");
  expect(await page.getByLabel("visits").isChecked()).toBe(false);
  expect(await page.getByLabel("Log transform").isChecked()).toBe(false);
  await page.getByText("“sales” has 1 empty cell.").waitFor();
  await page.getByText(/The table cannot be read: line 9, column "sales"/).waitFor();
  await choose(page, "Empty cells and missing dates", "interpolate");
  await page.getByText("filled in 1 missing value by interpolation").waitFor();
  await page.getByRole("img", { name: "Chart of 60 rows from 2015-01 to 2019-12" }).waitFor();
  await fill(page, "Epochs", "20");
  await press(page, "Train");
  await byTestId(page, "errors").waitFor();
  const file = await downloadCheckpoint(page);
  await press(page, "Reset");
  await choose(page, "Empty cells and missing dates", "drop");
  await upload(page, "Checkpoint file", "gap.safetensors", file);
  await byTestId(page, "errors").waitFor();
  await page.getByText("filled in 1 missing value by interpolation").waitFor();
});

test.skipIf(noChromium)(`the page says why it refuses a table${skipped}`, async () => {
  const { page } = await visit();
  await page.getByRole("tab", { name: "Numbers" }).click();
  await choose(page, "Series", "own");
  await fill(page, "Your own table (CSV with a header)", "a,b\n1,x\n2,y\nthree,z");
  await page.getByText(/No column is numeric: line/).waitFor();
  await fill(page, "Your own table (CSV with a header)", "a,b\n1,2\n2,3\n3,4");
  await press(page, "Train");
  await page.getByText(/Too few rows/i).waitFor();
  await choose(page, "Series", "airline");
  await fill(page, "Window", "0");
  await press(page, "Train");
  await page.getByText("Expected an integer of at least 1, got 0.").waitFor();
});
