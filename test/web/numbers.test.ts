import { expect, test } from "vitest";
import { choose, downloaded, figure, fill, handIn, noChromium, press, skipped, useBrowser } from "./visit.js";

const visit = useBrowser();

test.skipIf(noChromium)(`the page foretells a series better than its last season does${skipped}`, async () => {
  const { page, complaints } = await visit();
  await page.getByRole("tab", { name: "Text" }).focus();
  await page.keyboard.press("ArrowRight");
  expect(await page.getByRole("tab", { name: "Numbers" }).getAttribute("aria-selected")).toBe("true");
  await press(page, "Train");
  const errors = figure(page, "errors");
  await errors.waitFor();
  const row = async (name: RegExp) => Number(await errors.getByRole("row", { name }).getByRole("cell").textContent());
  const [model, season, last] = [await row(/This model/), await row(/12 rows before/), await row(/row before/)];
  expect(season).toBeCloseTo(41.85, 1);
  expect(last).toBeGreaterThan(0);
  expect(model).toBeLessThan(25);
  expect(await errors.textContent()).toMatch(/On the 48 rows .* times closer than/);
  await fill(page, "Rows to foretell", "24");
  await press(page, "Forecast");
  const forecast = figure(page, "forecast");
  await forecast.waitFor();
  const values = (await forecast.textContent())!.trim().split(/\s+/).map(Number);
  expect(values).toHaveLength(24);
  for (const value of values) expect(value).toBeGreaterThan(200);
  await page
    .getByRole("img", { name: "Chart of 144 rows, foretold from row 97 on, and of a forecast of 24 more" })
    .waitFor();

  const file = await downloaded(page);
  await page.reload();
  await page.getByRole("tab", { name: "Numbers" }).click();
  await press(page, "Discard");
  await handIn(page, "Checkpoint file", "air.safetensors", file);
  await figure(page, "errors").waitFor();
  expect(await row(/This model/)).toBe(model);
  expect(complaints).toEqual([]);
});

test.skipIf(noChromium)(`a table of one's own has its columns chosen${skipped}`, async () => {
  const { page } = await visit();
  await page.getByRole("tab", { name: "Numbers" }).click();
  await choose(page, "Series", "own");
  const rows = Array.from(
    { length: 80 },
    (_, i) => `d${i},${Math.sin(i / 3).toFixed(4)},${(Math.cos(i / 3) * 5).toFixed(4)}`,
  );
  await handIn(page, "Choose a file", "waves.csv", Buffer.from(["day,sine,cosine", ...rows].join("\n")));
  await choose(page, "Target", "sine");
  await page.getByLabel("cosine").check();
  for (const name of ["Take logarithms", "Take differences"]) await page.getByLabel(name).uncheck();
  await fill(page, "Season", "");
  await fill(page, "Epochs", "60");
  await press(page, "Train");
  await figure(page, "errors").waitFor();
  expect(await figure(page, "errors").textContent()).toMatch(/in sine/);
  expect(await figure(page, "errors").getByRole("row").count()).toBe(3);
});

test.skipIf(noChromium)(`a table that cannot be read is refused in words${skipped}`, async () => {
  const { page } = await visit();
  await page.getByRole("tab", { name: "Numbers" }).click();
  await choose(page, "Series", "own");
  await fill(page, "Your own table, as CSV with a header", "a,b\n1,x\n2,y\nthree,z");
  await page.getByText(/No column holds numbers: line/).waitFor();
  await fill(page, "Your own table, as CSV with a header", "a,b\n1,2\n2,3\n3,4");
  await press(page, "Train");
  await page.getByText(/Too few rows/i).waitFor();
  await choose(page, "Series", "airline");
  await fill(page, "Window", "0");
  await press(page, "Train");
  await page.getByText("Expected an integer of at least 1, got 0.").waitFor();
});
