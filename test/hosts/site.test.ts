import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
// @ts-expect-error Scripts have no types.
import { relocateIndex, relocatePage, relocateScript } from "../../site/relocate.mjs";
// @ts-expect-error
import { forSite, pageOf } from "../../site/sources.mjs";
import { type Site, serve } from "./serve.js";
import { brokenLinks } from "./site.js";
import { skipped, testedBrowser } from "./tested-browser.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUILT = join(ROOT, "build", "site");
const wanted = process.env["SITE"] === "1";

describe("a page of the site", () => {
  test("links to pages where its document links to documents", () => {
    const copied: string[] = [];
    const text = [
      "[a](numbers.md#files) [b](../README.md) [c](https://example.org) [d](#here) [e](decisions/shards.md)",
      "```md\n[a](numbers.md)\n```",
      "![f](speed.svg) [g](../examples/hamlet.mjs) [h](../src)",
    ].join("\n");
    expect(forSite("docs/results.md", text, (path: string) => copied.push(path)).split("\n")).toEqual([
      "[a](./numbers.md#files) [b](./overview.md) [c](https://example.org) [d](#here) [e](./decision-shards.md)",
      "```md",
      "[a](numbers.md)",
      "```",
      "![f](./docs/speed.svg) [g](./examples.md#hamlet) [h]",
    ]);
    expect(copied).toEqual(["docs/speed.svg"]);
    expect(pageOf("CHANGELOG.md")).toBe("changelog");
  });

  test("is relative to its folder", () => {
    const html = `<head></head><a href="/base/x.html">x</a><script>JSON.parse("{\\"base\\":\\"/base/\\"}")</script>`;
    const moved = relocatePage(html, "/base/") as string;
    expect(moved).toContain('href="./x.html"');
    expect(moved).toContain(`JSON.parse("{\\"base\\":\\""+__SITE_FOLDER__+"\\"}")`);
    expect(relocateScript('()=>{return"/base/"+x}', "/base/")).toBe("()=>{return(__SITE_FOLDER__)+x}");
    const index = `const e='{"0":"/base/x.html#y"}';export{e as default};`;
    expect(relocateIndex(index, "/base/")).toBe(`const e='{"0":"'+__SITE_FOLDER__+'x.html#y"}';export{e as default};`);
  });

  test("is checked for links that lead nowhere", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lstm-wasm-site-"));
    try {
      await mkdir(join(folder, "try"));
      await writeFile(join(folder, "try", "index.html"), "<p>");
      const links = ["a.html#one", "#two", "try/", "b.html", "/a.html", "a.html#none"].map(
        (to) => `<a href="${to}">x</a>`,
      );
      await writeFile(join(folder, "a.html"), `<h2 id="one"></h2><h2 id="two"></h2>${links.join("")}`);
      expect(brokenLinks(folder)).toEqual([
        "a.html: b.html leads nowhere",
        "a.html: /a.html leaves the folder of the site",
        "a.html: there is no a.html#none",
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe.skipIf(!wanted)(`the built site${wanted ? "" : " (SKIPPED: npm run check:site)"}`, () => {
  test("has no link that leads nowhere", () => {
    expect(existsSync(join(BUILT, "index.html"))).toBe(true);
    expect(brokenLinks(BUILT)).toEqual([]);
  });

  test("has nothing from elsewhere", async () => {
    for (const name of await readdir(BUILT)) {
      if (!name.endsWith(".html")) continue;
      const html = await readFile(join(BUILT, name), "utf8");
      const loaded = [...html.matchAll(/<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)="(https?:[^"]*)"/g)];
      expect(loaded.map(([, address]) => `${name}: ${address}`)).toEqual([]);
    }
  });

  describe.skipIf(testedBrowser.missing)(`in ${testedBrowser.name}${skipped}`, () => {
    let browser: Browser;
    let site: Site;
    let page: Page;
    const troubles: string[] = [];
    const PREFIX = "/any/folder/";

    beforeAll(async () => {
      [browser, site] = await Promise.all([testedBrowser.launch(), serve({ folder: BUILT, prefix: PREFIX })]);
      page = await browser.newPage({ locale: "en-US" });
      page.setDefaultTimeout(10_000);
      page.on("pageerror", ({ message }) => troubles.push(message));
      page.on("console", (message) => {
        if (message.type() === "error") troubles.push(message.text());
      });
      page.on("request", (request) => {
        if (!request.url().startsWith(site.origin)) troubles.push(`from elsewhere: ${request.url()}`);
      });
      page.on("response", (response) => {
        if (response.status() >= 400) troubles.push(`${response.status()} ${response.url()}`);
      });
    });
    afterAll(async () => {
      await browser?.close();
      await site?.[Symbol.asyncDispose]();
    });

    test("leads from its front to a guide, finds words, and trains", async () => {
      await page.goto(`${site.origin}${PREFIX}index.html`);
      await page.click("text=Five minutes to a result");
      await page.waitForURL(`**${PREFIX}text.html`);
      await page.click(".VPSidebar >> text=Numbers");
      await page.waitForURL(`**${PREFIX}numbers.html`);
      await page.waitForSelector("h1:has-text('Numbers')");
      await page.click(".DocSearch-Button");
      await page.fill(".VPLocalSearchBox input", "safetensors");
      await page.click(".VPLocalSearchBox .result >> nth=0");
      await page.waitForURL((url) => !url.pathname.endsWith("numbers.html"));
      expect(new URL(page.url()).pathname).toMatch(new RegExp(`^${PREFIX}[\\w-]+.html$`));
      await page.goto(`${site.origin}${PREFIX}`);
      await page.click("text=Train one in this tab");
      await page.waitForSelector("button:has-text('Train')");
      expect(troubles).toEqual([]);
    });

    test("is light or dark by its own switch, pictures included", async () => {
      const state = () =>
        page.evaluate(() => {
          const shown = [...document.querySelectorAll<HTMLImageElement>(".VPHero .image-src")].filter(
            (picture) => getComputedStyle(picture).display !== "none",
          );
          const { colorScheme } = getComputedStyle(document.documentElement);
          return { colorScheme, pictures: shown.map(({ src }) => /page-dark/.test(src)) };
        });
      await page.goto(`${site.origin}${PREFIX}index.html`);
      for (const isDark of [true, false]) {
        await page.click(".VPNavBarAppearance button");
        expect(await state()).toEqual({ colorScheme: isDark ? "dark" : "light", pictures: [isDark] });
      }
    });

    test("finds the guide before the reference", async () => {
      await page.goto(`${site.origin}${PREFIX}text.html`);
      await page.click(".DocSearch-Button");
      await page.fill(".VPLocalSearchBox input", "forecast");
      const first = await page.locator(".VPLocalSearchBox .result").first().getAttribute("href");
      expect(first).toMatch(/numbers\.html/);
      expect(troubles).toEqual([]);
    });

    test.each([1280, 390])("fits into a window of %i pixels", async (width) => {
      await page.setViewportSize({ width, height: 800 });
      for (const name of ["index", "text", "migration", "results", "api"]) {
        await page.goto(`${site.origin}${PREFIX}${name}.html`);
        const over = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        expect(over, name).toBeLessThanOrEqual(0);
      }
    });
  });
});
