import axe from "axe-core";
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { byTestId, choose, fill, noBrowser, notInDetail, press, skipped, trainFor, useBrowser } from "./visit.js";

const visit = useBrowser();

/** The success criteria of WCAG 2.2, levels A and AA, as far as axe can judge them. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const SCHEMES = ["light", "dark"] as const;

/** What axe finds wrong with the page as it is, in light and in dark: a line each. */
async function violationsOn(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
    const { violations, passes } = await page.evaluate(
      (values) => (window as unknown as { axe: typeof axe }).axe.run({ runOnly: { type: "tag", values } }),
      RULES,
    );
    expect(passes.length).toBeGreaterThan(10);
    for (const { id, nodes } of violations)
      for (const { html, failureSummary } of nodes) found.push(`${colorScheme}, ${id}: ${html}\n${failureSummary}`);
  }
  return found;
}

test.skipIf(notInDetail)(
  `axe finds nothing wrong with the Text tab in any state${skipped}`,
  { timeout: 90_000 },
  async () => {
    const { page } = await visit({ viewport: { width: 1280, height: 800 } });
    await page.getByRole("button", { name: "Train", exact: true }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByText("What does an LSTM do?").click();
    await page.locator(".lesson-drawing").waitFor();
    await page.getByText("Advanced").click();
    await press(page, "Explain");
    expect(await violationsOn(page)).toEqual([]);
    await trainFor(page, 60);
    await page.getByRole("slider", { name: "Moment of the run" }).press("Home");
    await press(page, "Generate");
    await page.getByRole("button", { name: "Generate", disabled: false }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: /^What its cells do at/ }).click();
    await page.locator(".heat-map canvas").waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole("button", { name: "Present" }).click();
    expect(await violationsOn(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await press(page, "Reset");
    await page.getByRole("button", { name: "Continue" }).waitFor();
    await fill(page, "Hidden units", "0");
    await press(page, "Train");
    const message = page.locator(".field .error");
    await message.waitFor();
    expect(await page.getByLabel("Hidden units").evaluate((field) => field === document.activeElement)).toBe(true);
    const { y, height } = (await message.boundingBox())!;
    expect(y).toBeGreaterThan(0);
    expect(y + height).toBeLessThan(800);
    expect(await violationsOn(page)).toEqual([]);
    await choose(page, "Text", "own");
    await fill(page, "Hidden units", "8");
    await press(page, "Train");
    await page.getByRole("alert").first().waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await choose(page, "Text", "romeo");
    await page.getByRole("button", { name: "Train a new one" }).waitFor();
    await page.locator(".passage").waitFor();
    expect(await violationsOn(page)).toEqual([]);
  },
);

test.skipIf(notInDetail)(
  `axe finds nothing wrong with the Numbers tab in any state${skipped}`,
  { timeout: 90_000 },
  async () => {
    const { page } = await visit({ viewport: { width: 1280, height: 800 } });
    await page.getByRole("tab", { name: "Numbers" }).click();
    await byTestId(page, "reading").waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await press(page, "Train");
    await byTestId(page, "search").waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await byTestId(page, "errors").waitFor();
    await byTestId(page, "forecast").waitFor();
    await press(page, "Find anomalies");
    await byTestId(page, "anomalies").waitFor();
    await press(page, "Unfold");
    await byTestId(page, "cell-parts").waitFor();
    await page.getByRole("slider", { name: "Moment of the run" }).press("Home");
    await byTestId(page, "moment").waitFor();
    expect(await violationsOn(page)).toEqual([]);
  },
);

/** What the Tab key reaches, one after the other from the top of the page: names by role, and whether each one's focus is seen. */
async function tabStops(page: Page): Promise<{ name: string; isMarked: boolean; isInView: boolean }[]> {
  await page.evaluate(() => {
    // Where the next Tab begins.
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
    scrollTo(0, 0);
  });
  const stops: { name: string; isMarked: boolean; isInView: boolean }[] = [];
  for (let i = 0; i < 100; i++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      if (element === document.body || element.dataset["reached"]) return undefined;
      element.dataset["reached"] = "yes";
      const own = element.matches(".segments input") ? (element.nextElementSibling as HTMLElement) : element;
      const marked = element.closest(".file") ?? own;
      const { outlineStyle, outlineWidth } = getComputedStyle(marked);
      const box = own.getBoundingClientRect();
      const x = Math.min(innerWidth - 1, Math.max(0, box.left + Math.min(box.width / 2, 60)));
      const y = Math.min(innerHeight - 1, Math.max(0, box.top + Math.min(box.height / 2, 60)));
      const top = document.elementFromPoint(x, y);
      return {
        name: `${element.getAttribute("role") ?? element.tagName.toLowerCase()} ${element.getAttribute("aria-label") ?? (element as HTMLInputElement).labels?.[0]?.textContent ?? element.textContent}`,
        isMarked: outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2,
        isInView: top !== null && (own.contains(top) || top.contains(own)),
      };
    });
    if (!stop) break;
    stops.push(stop);
  }
  return stops;
}

test.skipIf(noBrowser)(
  `the keyboard reaches every control, in order, and the focus is seen${skipped}`,
  { timeout: 60_000 },
  async () => {
    const { page } = await visit({ viewport: { width: 1280, height: 800 } });
    await trainFor(page, 60);
    await page.getByRole("button", { name: /^What its cells do at/ }).click();
    await page.locator(".heat-map canvas").waitFor();
    const stops = await tabStops(page);
    const names = stops.map(({ name }) => name.trim());
    expect(stops.filter(({ isMarked, isInView }) => !isMarked || !isInView)).toEqual([]);
    const wanted = [
      "button Copy link",
      "tab Text",
      "button Train 60 more",
      "button Replay",
      "input Moment of the run",
      "slider Unit of the network",
      "slider Character of the passage",
      "button Generate",
      "button Download checkpoint",
    ];
    expect(names.filter((name) => wanted.includes(name))).toEqual(wanted);
    const focusable = await page.evaluate(
      () =>
        [
          ...document.querySelectorAll<HTMLElement>("a[href], button, input, select, textarea, summary, [tabindex]"),
        ].filter(
          (element) =>
            element.checkVisibility() &&
            !element.matches(":disabled, [tabindex='-1'], input[type=radio]:not(:checked)") &&
            !element.dataset["reached"],
        ).length,
    );
    expect(focusable).toBe(0);
  },
);
