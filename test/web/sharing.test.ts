import type { Page } from "playwright";
import { expect, test } from "vitest";
import { withValue } from "../../web/src/page/options/fields.js";
import * as seriesLink from "../../web/src/page/series/link.js";
import { ownForm, INITIAL_FORM as SERIES_FORM } from "../../web/src/page/series/series-form.js";
import { fragmentOf, readFragment } from "../../web/src/page/text/link.js";
import { fillForm, INITIAL_FORM } from "../../web/src/page/text/text-form.js";
import { type Download, downloadOf } from "../hosts/download.js";
import {
  byTestId,
  choose,
  fill,
  noBrowser,
  noChromium,
  notInDetail,
  press,
  skipped,
  trainFor,
  useBrowser,
} from "./visit.js";

const visit = useBrowser({ "dom.events.testing.asyncClipboard": true });

/** Lets the page read what it has copied. Firefox has a preference for that, and no permission. */
const allowReading = async (page: Page) => {
  if (!noChromium) await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
};

test("a link has what differs from the recipe, and gives the same form", () => {
  expect(fragmentOf(INITIAL_FORM)).toBe("");
  const small = fillForm(INITIAL_FORM, "next-word", "small");
  expect(fragmentOf(small)).toBe("text=next-word&recipe=small");
  const changes = { hiddenSize: "7", learningRate: "1e-3", punctuation: "strip", optimizer: "sgd", forgetBias: "1" };
  let form = small;
  for (const [option, value] of Object.entries(changes)) form = withValue(form, option, value);
  const fragment = fragmentOf(form);
  expect(new URLSearchParams(fragment).get("hiddenSize")).toBe("7");
  expect(readFragment(fragment, INITIAL_FORM)).toEqual({ form, problems: [] });
  const own = fillForm({ ...INITIAL_FORM, own: { text: "x".repeat(100_000) } }, "own", "default");
  expect(fragmentOf(own)).toBe("text=own");
});

test("what a link has and cannot be keeps its usual value, and is named", () => {
  const given = new URLSearchParams([
    ["text", "macbeth"],
    ["hiddenSize", "0"],
    ["learningRate", "0,1"],
    ["optimizer", "magic"],
    ["constructor", "1"],
    ["evil\u202e<b>".repeat(9), "1"],
    ["layers", "2"],
  ]).toString();
  const { form, problems } = readFragment(given, INITIAL_FORM);
  expect(problems).toEqual([
    "Text: expected hamlet, romeo, next-word, own, got “macbeth”.",
    "Hidden units: expected an integer from 1 to 8192, got 0.",
    'Learning rate: expected a number with a decimal point, such as 0.1, got "0,1".',
    expect.stringMatching(/^Optimizer: expected /),
    "There is no setting “constructor”.",
    expect.stringMatching(/^There is no setting “evil\uFFFD<b>evil.*…”\.$/),
  ]);
  expect(form).toEqual(withValue(INITIAL_FORM, "layers", "2"));
});

test("a link to the numbers has their settings, without a table of the user's and what it suggests", () => {
  const { fragmentOf, readFragment } = seriesLink;
  expect(fragmentOf(SERIES_FORM)).toBe("tab=numbers");
  expect(readFragment("tab=numbers", SERIES_FORM)).toEqual({ form: SERIES_FORM, problems: [] });
  let form = SERIES_FORM;
  for (const [option, value] of Object.entries({ horizon: "3", learningRate: "1e-3", calendar: true, interval: "90" }))
    form = withValue(form, option, value);
  const fragment = fragmentOf(form);
  expect(fragment).toBe("tab=numbers&calendar=true&horizon=3&interval=90&learningRate=1e-3");
  expect(readFragment(fragment, SERIES_FORM)).toEqual({ form, problems: [] });
  const own = withValue(withValue(ownForm(form, { text: "date,y\n" }), "horizon", "9"), "hiddenSize", "7");
  expect(fragmentOf(own)).toBe("tab=numbers&series=own&interval=90&hiddenSize=7&learningRate=1e-3");
  const { problems } = readFragment("tab=numbers&series=weather&horizon=0&recipe=small", SERIES_FORM);
  expect(problems).toEqual([
    "Series: expected airline, own, got “weather”.",
    expect.stringMatching(/^Steps ahead: expected an integer /),
    "There is no setting “recipe”.",
  ]);
});

const hash = (page: Page) => page.evaluate(() => location.hash);

test.skipIf(noBrowser)(`the address is a link to the settings, and a wrong one says so${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  await allowReading(page);
  await choose(page, "Recipe", "small");
  await fill(page, "Hidden units", "17");
  await page.waitForFunction(() => location.hash === "#recipe=small&hiddenSize=17");
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByRole("button", { name: "Link copied" }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole("tab", { name: "Numbers" }).click();
  await expect.poll(() => hash(page)).toBe("#tab=numbers");
  await expect.poll(() => page.title()).toBe("lstm-wasm: a neural network forecasts a series in this tab");
  await fill(page, "Season length", "6");
  await expect.poll(() => hash(page)).toBe("#tab=numbers&season=6");
  await page.getByRole("tab", { name: "Text" }).click();
  await expect.poll(() => hash(page)).toBe("#recipe=small&hiddenSize=17");
  await page.getByRole("tab", { name: "Numbers" }).click();
  await expect.poll(() => hash(page)).toBe("#tab=numbers&season=6");

  const other = await page.context().newPage();
  await other.goto(link);
  await other.waitForFunction(
    () => [...document.querySelectorAll("input")].some(({ value }) => value === "17"),
    undefined,
    { timeout: 5000 },
  );
  await expect.poll(() => other.getByLabel("Epochs", { exact: true }).inputValue()).toBe("200");
  // Another address in the same tab.
  await other.evaluate(() => {
    location.hash = "#hiddenSize=many&layers=2";
  });
  await other
    .getByRole("alert")
    .filter({ hasText: /cannot be.*Hidden units: expected an integer from 1 to 8192, got "many"\./ })
    .waitFor();
  await expect.poll(() => other.getByLabel("Layers", { exact: true }).inputValue()).toBe("2");
  await expect.poll(() => other.getByLabel("Hidden units", { exact: true }).inputValue()).toBe("25");
  // The play's model does not change what the link asks for.
  await other.goto(link.replace(/#.*/, "#text=romeo&hiddenSize=64"));
  await other.reload();
  await other.getByRole("button", { name: "Train a new one" }).waitFor();
  await expect.poll(() => other.getByLabel("Hidden units", { exact: true }).inputValue()).toBe("64");
  // A link to the other tab is followed without loading the page again.
  await other.evaluate(() => {
    location.hash = "#tab=numbers&hiddenSize=7&horizon=none";
  });
  await expect.poll(() => other.getByRole("tab", { name: "Numbers" }).getAttribute("aria-selected")).toBe("true");
  const numbers = other.locator("[role=tabpanel]:visible");
  await expect.poll(() => numbers.getByLabel("Hidden units", { exact: true }).inputValue()).toBe("7");
  await numbers
    .getByRole("alert")
    .filter({ hasText: /Steps ahead: expected an integer/ })
    .waitFor();
  expect(pageErrors).toEqual([]);
});

test.skipIf(notInDetail)(
  `a generated text is copied, prompt and all, and guide and source are near${skipped}`,
  async () => {
    const { page } = await visit();
    await allowReading(page);
    await trainFor(page, 30);
    await fill(page, "Length", "40");
    await press(page, "Generate");
    await page.getByRole("button", { name: "Generate", disabled: false }).waitFor();
    await press(page, "Copy text");
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(copied).toBe((await byTestId(page, "generated").textContent())!);
    expect(await copied()).toMatch(/^to be[\s\S]{40}$/);
    const address = (name: string) => page.getByRole("link", { name }).getAttribute("href");
    expect([await address("Guide"), await address("Source")]).toEqual(["../text.html", "../architecture.html"]);
    await page.getByRole("tab", { name: "Numbers" }).click();
    await expect.poll(() => address("Guide")).toBe("../numbers.html");
  },
);

/** Presses a button that saves a picture. */
const saved = (page: Page, within: string, format: "PNG" | "SVG"): Promise<Download> =>
  downloadOf(page, () =>
    page
      .locator(within)
      .getByRole("button", { name: `Save picture as ${format}` })
      .click(),
  );

test.skipIf(notInDetail)(`the pictures of all views are saved${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  await trainFor(page, 60);
  await page.getByRole("radiogroup", { name: "View" }).waitFor();
  const expectPicture = async (within: string, name: string, content: RegExp, least: number) => {
    const svg = await saved(page, within, "SVG");
    expect(svg.name).toBe(`${name}.svg`);
    const [root, marks] = await page.evaluate((text) => {
      const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
      return [parsed.documentElement.nodeName, parsed.querySelectorAll("rect, polyline, text").length];
    }, svg.bytes.toString());
    expect(root).toBe("svg");
    expect(marks).toBeGreaterThan(least);
    expect(svg.bytes.toString()).toMatch(content);
    const png = await saved(page, within, "PNG");
    expect(png.name).toBe(`${name}.png`);
    const [colors, width] = await page.evaluate(
      async (bytes) => {
        const picture = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" }));
        const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d")!;
        context.drawImage(picture, 0, 0);
        const { data } = context.getImageData(0, 0, picture.width, picture.height);
        return [new Set(new Uint32Array(data.buffer)).size, picture.width];
      },
      [...png.bytes],
    );
    expect(width).toBeGreaterThan(800);
    expect(colors).toBeGreaterThan(10);
  };
  await expectPicture(".chart", "loss", /Loss in nats per character, by epoch/, 10);
  await expectPicture(".inside", "surprise", /bits on average/, 200);
  await page.getByText("Neurons").click();
  await page.locator(".heat-map").waitFor();
  await expectPicture(".inside", "cell-states", /Cell states of 25 units, sorted by how much they move/, 500);
  await page.getByRole("tab", { name: "Numbers" }).click();
  await byTestId(page, "reading").getByText("144 rows").waitFor();
  await expectPicture(".series .chart", "forecast", />passengers<.*>1955</s, 10);
  expect(pageErrors).toEqual([]);
});

test.skipIf(notInDetail)(`two runs lie in one chart${skipped}`, async () => {
  const { page } = await visit();
  await trainFor(page, 30);
  await press(page, "Reset");
  await fill(page, "Learning rate", "0.01");
  await trainFor(page, 60);
  await page.getByText("the run before: Learning rate 0.05").waitFor();
  const svg = (await saved(page, ".chart", "SVG")).bytes.toString();
  expect(svg.match(/<polyline [^>]*stroke-width="1\.5"/g)).toHaveLength(2);
  await page.getByLabel("compare with the run before").uncheck();
  expect(await page.getByText("the run before: Learning rate").count()).toBe(0);
});

test.skipIf(notInDetail)(`a presentation shows the network and hides what is pressed${skipped}`, async () => {
  const { page } = await visit();
  await trainFor(page, 30);
  await page.getByRole("img", { name: /^Chart of the training loss/ }).waitFor();
  // Before the next frame, which may be long in coming.
  const isPresenting = await page.evaluate(async () => {
    const isOn = () => document.documentElement.classList.contains("presenting");
    [...document.querySelectorAll("button")].find(({ textContent }) => textContent!.trim() === "Present")!.click();
    await null;
    const began = isOn();
    dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    await null;
    return [began, isOn()];
  });
  expect(isPresenting).toEqual([true, false]);
  await page.getByRole("button", { name: "Present" }).click();
  for (const name of ["Settings", "Checkpoint"]) expect(await page.getByRole("region", { name }).count()).toBe(0);
  expect(await page.getByRole("button", { name: /^Train/ }).count()).toBe(0);
  expect(await byTestId(page, "sample").isVisible()).toBe(true);
  expect(await page.getByRole("img", { name: /^Chart of the training loss/ }).isVisible()).toBe(true);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Train/ }).waitFor();
  await page.getByRole("button", { name: "Present" }).click();
  await page.getByRole("button", { name: "End presentation" }).click();
  await page.getByRole("region", { name: "Settings" }).waitFor();
});

test.skipIf(notInDetail)(
  `a link has a picture and a description, and the page can be installed${skipped}`,
  async () => {
    const { page } = await visit({ serviceWorkers: "allow" });
    await page.getByText("This page works offline from now on.").waitFor();
    const content = (name: string) => page.locator(`meta[property="og:${name}"]`).getAttribute("content");
    expect(await content("description")).toContain("what the forget gate does at this comma");
    const manifest = await page.locator('link[rel="manifest"]').getAttribute("href");
    const load = (address: string) =>
      page.evaluate(async (at) => [...new Uint8Array(await (await fetch(at)).arrayBuffer())], address);
    expect(String.fromCharCode(...(await load((await content("image"))!)).slice(1, 4))).toBe("PNG");
    expect(JSON.parse(String.fromCharCode(...(await load(manifest!))))).toMatchObject({ display: "standalone" });
    if (noChromium) return;
    const session = await page.context().newCDPSession(page);
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual([]);
  },
);
