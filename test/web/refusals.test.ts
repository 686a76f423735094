import { expect, test } from "vitest";
import {
  byTestId,
  choose,
  epochOf,
  fill,
  noBrowser,
  press,
  skipped,
  trainFor,
  trainForLong,
  untilEpoch,
  upload,
  useBrowser,
} from "./visit.js";

const visit = useBrowser();

test.skipIf(noBrowser)(`an invalid option is reported at its field${skipped}`, async () => {
  const { page } = await visit();
  const cases = [
    ["Hidden units", "0", "Expected an integer from 1 to 8192, got 0."],
    ["Epochs", "many", 'Expected an integer of at least 1, got "many".'],
    ["Learning rate", "-1", "Expected a number above 0, got -1."],
    ["Validation fraction", "1", "Expected a number from 0 to below 1, got 1."],
  ] as const;
  for (const [label, value, message] of cases) {
    const field = page.getByRole("tabpanel", { name: "Text" }).getByLabel(label, { exact: true });
    const before = await field.inputValue();
    await fill(page, label, value);
    await press(page, "Train");
    await page.getByText(message).waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await page.locator(`[id="${await field.getAttribute("aria-describedby")}"]`).textContent()).toBe(message);
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-invalid") === "true");
    await fill(page, label, before);
  }
  await trainFor(page, 30);
  expect(await page.locator("[aria-invalid]").count()).toBe(0);
});

test.skipIf(noBrowser)(`the page says why it refuses a text${skipped}`, async () => {
  const { page } = await visit();
  await choose(page, "Text", "own");
  await press(page, "Train");
  await page.getByRole("alert").filter({ hasText: "There is no text yet: paste some, or drop a file." }).waitFor();
  await fill(page, "Your own text", "ab");
  await press(page, "Train");
  await page
    .getByRole("alert")
    .filter({ hasText: /too short|needs|at least/i })
    .waitFor();
  await upload(page, "Choose a file", "picture.txt", Buffer.from([0xff, 0xfe, 0x00, 0xd8]));
  await page.getByRole("alert").filter({ hasText: "“picture.txt” is not UTF-8 text" }).waitFor();
});

test.skipIf(noBrowser)(`the page says why it refuses a file that is not a checkpoint${skipped}`, async () => {
  const { page } = await visit();
  await upload(page, "Checkpoint file", "notes.safetensors", Buffer.from("not at all a checkpoint"));
  await page
    .getByRole("alert")
    .filter({ hasText: /^Could not open this file\. / })
    .waitFor();
  await trainFor(page, 30);
});

test.skipIf(noBrowser)(`a file that cannot be opened leaves the current run alone${skipped}`, async () => {
  const { page } = await visit();
  await trainForLong(page);
  await untilEpoch(page, 20);
  await press(page, "Pause");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  const epoch = await epochOf(page);
  await upload(page, "Checkpoint file", "notes.safetensors", Buffer.from("not at all a checkpoint"));
  await page
    .getByRole("alert")
    .filter({ hasText: /^Could not open this file\. / })
    .waitFor();
  expect(await epochOf(page)).toBe(epoch);
  await fill(page, "Epochs", "10");
  await press(page, "Resume");
  await page.getByText(/^Expected at least \d+, the number of epochs already done, got 10/).waitFor();
  await fill(page, "Epochs", String(epoch + 100));
  await press(page, "Resume");
  await byTestId(page, "accuracy").waitFor();
  expect(await epochOf(page)).toBe(epoch + 100);
});

test.skipIf(noBrowser)(`the page says that a model is too large for memory${skipped}`, async () => {
  const { page } = await visit();
  await fill(page, "Hidden units", "8192");
  await fill(page, "Layers", "64");
  await press(page, "Train");
  await page
    .getByRole("alert")
    .filter({ hasText: /MiB requested/ })
    .waitFor();
});

test.skipIf(noBrowser)(`a run that diverges says so, and can be started over${skipped}`, async () => {
  const { page } = await visit();
  await fill(page, "Learning rate", "1e30");
  await press(page, "Train");
  await page
    .getByRole("alert")
    .filter({ hasText: /^Training diverged in epoch \d+.* try a smaller learning rate/ })
    .waitFor();
  expect(await page.getByRole("button", { name: "Resume" }).count()).toBe(0);
  await fill(page, "Learning rate", "0.05");
  await fill(page, "Epochs", "30");
  await press(page, "Train again");
  await byTestId(page, "accuracy").waitFor();
});

test.skipIf(noBrowser)(`a network whose first step takes too long can be let go of${skipped}`, async () => {
  const { page } = await visit();
  await fill(page, "Hidden units", "2500");
  await press(page, "Train");
  await page.getByRole("button", { name: "Preparing…" }).waitFor();
  await press(page, "Reset");
  await page.getByRole("button", { name: "Train", exact: true }).waitFor({ timeout: 10_000 });
  await fill(page, "Hidden units", "25");
  await trainFor(page, 30);
});

test.skipIf(noBrowser)(`an invalid prompt is reported at its field${skipped}`, async () => {
  const { page } = await visit();
  await trainFor(page, 30);
  await fill(page, "Prompt", "to be ☃");
  await page.getByText("The model does not know “☃”, and will not read it.").waitFor();
  await fill(page, "Prompt", "☃");
  await press(page, "Generate");
  await page.getByText(/Expected at least one known character/).waitFor();
  await fill(page, "Prompt", "to");
  await fill(page, "Temperature", "0");
  await press(page, "Generate");
  await page.getByText("Expected a number above 0, got 0.").waitFor();
});
