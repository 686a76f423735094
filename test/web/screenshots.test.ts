import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withMore } from "../full.js";
import { testedBrowser } from "../hosts/tested-browser.js";
import { ROOT } from "../root.js";
import { byTestId, choose, epochOf, fill, noBrowser, press, skipped, untilEpoch, useBrowser } from "./visit.js";

const visit = useBrowser();

/** Screenshots for people to look at. */
const FOLDER = join(ROOT, "build", testedBrowser.name === "Chromium" ? "screenshots" : "screenshots-firefox");
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };

const DEVICES = withMore([["phone", PHONE] as const], [["desktop", DESKTOP] as const]);

test.skipIf(noBrowser).for(DEVICES)(`%s: every state fits the screen${skipped}`, async ([name, viewport]) => {
  mkdirSync(FOLDER, { recursive: true });
  const { page } = await visit({ viewport, reducedMotion: "reduce" });
  const screenshot = async (state: string) => {
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}-${state}.png`), fullPage: true });
    }
    // No sideways scrolling.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
  };
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
  await screenshot("1-before");
  await fill(page, "Epochs", "3000");
  await press(page, "Train");
  await untilEpoch(page, 40);
  await press(page, "Pause");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await screenshot("2-paused");
  await fill(page, "Epochs", viewport === DESKTOP ? "1000" : String((await epochOf(page)) + 50));
  await press(page, "Resume");
  await byTestId(page, "accuracy").waitFor();
  for (const [what, bottom] of [
    [page.getByRole("button", { name: /^Train .* more$/ }), viewport.height],
    [byTestId(page, "sample"), DESKTOP.height],
    [page.getByRole("img", { name: /^Chart of the training loss/ }), DESKTOP.height],
  ] as const) {
    const box = (await what.boundingBox())!;
    if (viewport === DESKTOP) expect(box.y + box.height).toBeLessThanOrEqual(bottom);
  }
  await press(page, "Generate");
  await page.getByRole("button", { name: "Generate", disabled: false }).waitFor();
  await screenshot("3-done");
  // The pictures of the README and of the site's front page.
  if (viewport === DESKTOP) {
    await page.evaluate(() => scrollTo(0, 0));
    const clip = { x: 0, y: 0, width: viewport.width, height: 720 };
    for (const [colorScheme, picture] of [
      ["dark", "page-dark.png"],
      ["light", "page.png"],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(FOLDER, picture), clip });
    }
  }
  await press(page, /^What its cells do at/);
  await page.locator(".heat-map canvas").waitFor();
  await page.getByText("What does an LSTM do?").click();
  await page.locator(".lesson-drawing").waitFor();
  await screenshot("6-cells-and-lesson");
  await page.reload();
  await page.getByRole("button", { name: "Continue" }).waitFor();
  await choose(page, "Text", "romeo");
  await page.locator(".passage").waitFor();
  await screenshot("7-a-play-and-its-model");
  await press(page, "Reset");
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
  await choose(page, "Text", "hamlet");
  await fill(page, "Learning rate", "1e30");
  await press(page, "Train");
  await page
    .getByRole("alert")
    .filter({ hasText: /^Training diverged/ })
    .waitFor();
  await screenshot("8-diverged");
  await press(page, "Reset");
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
  await fill(page, "Learning rate", "0.05");
  await fill(page, "Hidden units", "0");
  await press(page, "Train");
  await page.locator(".field .error").waitFor();
  await screenshot("4-refused");
  await page.getByRole("tab", { name: "Numbers" }).click();
  await press(page, "Train");
  await byTestId(page, "errors").waitFor();
  await byTestId(page, "forecast").waitFor();
  await press(page, "Find anomalies");
  await byTestId(page, "anomalies").waitFor();
  await press(page, "Unfold");
  await byTestId(page, "cell-parts").waitFor();
  await screenshot("5-numbers");
});
