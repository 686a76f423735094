import { presets } from "lstm-wasm/presets";
import { expect, test } from "vitest";
import {
  byTestId,
  choose,
  epochOf,
  fill,
  noBrowser,
  notInDetail,
  press,
  skipped,
  trainFor,
  trainForLong,
  untilEpoch,
  upload,
  useBrowser,
} from "./visit.js";

const visit = useBrowser();
const HAMLET = presets.hamlet.text;

test.skipIf(noBrowser)(`the page learns Hamlet by heart${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  await press(page, "Train");
  await byTestId(page, "accuracy").waitFor();
  expect(Number.parseFloat((await byTestId(page, "accuracy").textContent())!)).toBeGreaterThanOrEqual(99);
  expect(await epochOf(page)).toBe(1000);
  const recited = (await byTestId(page, "sample").textContent())!;
  const right = [...recited].filter((character, i) => character === HAMLET[i]).length;
  expect(recited).toHaveLength(HAMLET.length);
  expect(right / HAMLET.length).toBeGreaterThanOrEqual(0.99);
  expect(Number(await byTestId(page, "training-loss").textContent())).toBeLessThan(0.05);
  expect(Number((await byTestId(page, "tokens-per-second").textContent())!.replaceAll(",", ""))).toBeGreaterThan(
    10_000,
  );
  expect(
    await page.getByRole("img", { name: /^Chart of the training loss by epoch, from 3\.\d+ to 0\.0/ }).count(),
  ).toBe(1);
  expect(pageErrors).toEqual([]);
});

test.skipIf(noBrowser)(`what is pressed before the first frame is not lost${skipped}`, async () => {
  const { page } = await visit();
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      const train = [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Train");
      if (!train) return;
      observer.disconnect();
      train.click();
    }).observe(document, { childList: true, subtree: true });
  });
  await page.reload();
  await byTestId(page, "accuracy").waitFor();
});

test.skipIf(noBrowser)(`a run pauses, resumes, and trains for more epochs${skipped}`, async () => {
  const { page } = await visit();
  await trainForLong(page);
  await untilEpoch(page, 50);
  await press(page, "Pause");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  const paused = await epochOf(page);
  expect(await page.getByLabel("Hidden units").isDisabled()).toBe(true);
  await fill(page, "Epochs", String(paused + 20));
  await press(page, "Resume");
  await byTestId(page, "accuracy").waitFor();
  expect(await epochOf(page)).toBe(paused + 20);
  await fill(page, "Epochs", String(paused + 25));
  await press(page, "Resume");
  await untilEpoch(page, paused + 25);
  // As many as it was planned for at first.
  await press(page, "Train 100,000 more");
  await untilEpoch(page, paused + 26);
  await press(page, "Reset");
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
  await byTestId(page, "sample").waitFor({ state: "detached" });
});

test.skipIf(notInDetail)(`a run is controlled with the keyboard alone${skipped}`, async () => {
  const { page } = await visit();
  await fill(page, "Epochs", "100000");
  await page.getByRole("button", { name: "Train", exact: true }).focus();
  await page.keyboard.press("Enter");
  await untilEpoch(page, 5);
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  expect(await focused()).toBe("Pause");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  expect(await focused()).toBe("Resume");
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("Reset");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
  expect(await focused()).toBe("Train");
});

test.skipIf(notInDetail)(`hasty clicks leave one run, or none${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  const click = (...names: string[]) =>
    page.evaluate(async (titles) => {
      for (const title of titles) {
        let button: HTMLElement | undefined;
        while (!button) {
          button = [...document.querySelectorAll("button")].find(({ textContent }) => textContent === title);
          if (!button) await new Promise(requestAnimationFrame);
        }
        button.click();
      }
    }, names);
  await fill(page, "Epochs", "300");
  await click("Train", "Train", "Train");
  await byTestId(page, "accuracy").waitFor();
  expect(await epochOf(page)).toBe(300);
  await click("Reset", "Train", "Reset", "Train", "Pause", "Resume");
  await byTestId(page, "accuracy").waitFor();
  expect(await epochOf(page)).toBe(300);
  expect(await page.getByRole("alert").count()).toBe(0);
  expect(pageErrors).toEqual([]);
});

test.skipIf(noBrowser)(`the model generates text during training, until stopped${skipped}`, async () => {
  const { page } = await visit();
  await trainForLong(page);
  await untilEpoch(page, 50);
  await fill(page, "Prompt", "to be, or");
  await fill(page, "Length", "100000000");
  await press(page, "Generate");
  await page.waitForFunction(() => document.querySelector('[data-testid="generated"]')!.textContent!.length > 400);
  expect(await byTestId(page, "generated").textContent()).toMatch(/^to be, or/);
  const epoch = await epochOf(page);
  await untilEpoch(page, epoch + 5);
  await press(page, "Stop");
  await page.getByRole("button", { name: "Generate", disabled: false }).waitFor();
  // Only the end of a long text is kept.
  const generated = await byTestId(page, "generated").textContent();
  await untilEpoch(page, (await epochOf(page)) + 5);
  expect(await byTestId(page, "generated").textContent()).toBe(generated);

  await press(page, "Pause");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await fill(page, "Length", "30");
  await fill(page, "Top-k", "1");
  await press(page, "Generate");
  await page.getByRole("button", { name: "Generate", disabled: false }).waitFor();
  expect((await byTestId(page, "generated").textContent())!.length).toBe("to be, or".length + 30);
});

test.skipIf(notInDetail)(`a slider shows earlier moments${skipped}`, async () => {
  const { page } = await visit();
  await trainFor(page, 300);
  const slider = page.getByRole("slider", { name: "Moment of the run" });
  await slider.focus();
  // All of a run's moments are recalled once it rests.
  await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>(".time-travel input")!.max) > 20);
  await page.keyboard.press("Home");
  await page.waitForFunction(
    () => Number(document.querySelector<HTMLElement>('[data-testid="sample"]')!.dataset["epoch"]) < 300,
  );
  expect(await byTestId(page, "sample").textContent()).not.toBe(HAMLET);
  await page.keyboard.press("End");
  await page.waitForFunction(
    () => document.querySelector<HTMLElement>('[data-testid="sample"]')!.dataset["epoch"] === "300",
  );
});

test.skipIf(notInDetail)(`of a long text the page shows the beginning, and reads all${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  await choose(page, "Text", "own");
  const area = page.getByLabel("Your own text", { exact: true });
  const text = `${"to be, or not to be: ".repeat(1500)}☃`;
  await upload(page, "Choose a file", "long.txt", Buffer.from(text, "utf16le"));
  await page.getByText("long.txt, 31,501 characters").waitFor();
  expect(await area.inputValue()).toBe(`${text.slice(0, 20_000)}…`);
  expect(await page.getByLabel("Encoding", { exact: true }).inputValue()).toBe("utf-16le");
  await upload(page, "Choose a file", "long.txt", Buffer.from(text));
  await page.getByLabel("Encoding", { exact: true }).waitFor({ state: "detached" });
  await choose(page, "Recipe", "small");
  await trainFor(page, 1);
  // The last character of the text is one that the network knows.
  await fill(page, "Prompt", "☃");
  await fill(page, "Length", "5");
  await press(page, "Generate");
  await page.getByRole("button", { name: "Generate", disabled: false }).waitFor();
  expect(await byTestId(page, "generated").textContent()).toMatch(/^☃[\s\S]{5}$/);
  await press(page, "Reset");
  await page.getByText("long.txt, 31,501 characters").waitFor();
  // What is pasted takes the place of what cannot be edited.
  const paste = (pasted: string) =>
    area.evaluate((element, data) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", data);
      // Firefox gives events that a page makes no clipboard.
      const event = new Event("paste", { bubbles: true, cancelable: true });
      element.dispatchEvent(Object.defineProperty(event, "clipboardData", { value: clipboardData }));
    }, pasted);
  await paste("so long ".repeat(5000));
  await page.getByText("Pasted text, 40,000 characters").waitFor();
  await paste("so short");
  await page.getByText("Pasted text, 8 characters").waitFor();
  expect(await area.inputValue()).toBe("so short");
  await upload(page, "Choose a file", "picture.txt", Buffer.from("89504e470d0a1a0a0000000d49484452000000", "hex"));
  await page.getByText("“picture.txt” is not UTF-8 text, nor in another encoding.").waitFor();
  expect(await area.inputValue()).toBe("so short");
  expect(pageErrors).toEqual([]);
});

test.skipIf(noBrowser)(`the page trains on the words of the user's own text${skipped}`, async () => {
  const { page } = await visit();
  await choose(page, "Text", "own");
  await fill(page, "Your own text", "the cat sat on the mat and the dog sat on the log. ".repeat(20));
  await choose(page, "Recipe", "small");
  await choose(page, "Tokens", "word");
  await fill(page, "Epochs", "30");
  await fill(page, "Validation fraction", "0.2");
  await press(page, "Train");
  await byTestId(page, "accuracy").waitFor();
  expect(await byTestId(page, "validation-loss").textContent()).toMatch(/^\d/);
  expect(await byTestId(page, "sample").textContent()).toMatch(/the (cat|dog|mat|log)/);
});
