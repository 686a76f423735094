import { expect, test } from "vitest";
import { byTestId, choose, fill, noChromium, press, skipped, useBrowser } from "./visit.js";

const visit = useBrowser();

test.skipIf(noChromium)(`the page learns which word follows any three${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  await choose(page, "Text", "next-word");
  await press(page, "Train");
  await byTestId(page, "accuracy").waitFor();
  expect(Number.parseFloat((await byTestId(page, "accuracy").textContent())!)).toBeGreaterThan(95);
  expect(await byTestId(page, "sample").textContent()).toMatch(/^The forget gate decides what/);
  expect(pageErrors).toEqual([]);
});

test.skipIf(noChromium)(`a number that cannot be read is quoted as it was typed${skipped}`, async () => {
  const { page } = await visit();
  await fill(page, "Learning rate", "0,05");
  await press(page, "Train");
  await page.getByText('Expected a number with a decimal point, such as 0.05, got "0,05".').waitFor();
  await fill(page, "Learning rate", "0.05");
  await press(page, "Train");
  await byTestId(page, "accuracy").waitFor();
  await fill(page, "Temperature", "0,8");
  await press(page, "Generate");
  await page.getByText('Expected a number with a decimal point, such as 0.8, got "0,8".').waitFor();
});
