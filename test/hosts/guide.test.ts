import { readFile } from "node:fs/promises";
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { characters, createModel, load, save } from "../../src/index.js";
import { FULL, withMore } from "../full.js";
import type { Block } from "../markdown.js";
import { downloadOf } from "./download.js";
import { Guide } from "./guide.js";
import { ISOLATION, serve } from "./serve.js";
import { skipped, testedBrowser } from "./tested-browser.js";

// Each section of docs/browser.md is a site of the files that its code blocks name. It is opened as a reader would.

const MAP = { imports: { "lstm-wasm": "./node_modules/lstm-wasm/dist/bundle/browser.js" } };
/** Of a section that shows none. */
const PAGE = `<!doctype html><meta charset="utf-8" /><title>guide</title>
<script type="importmap">${JSON.stringify(MAP)}</script>
<script type="module" src="page.js"></script>`;

type Headers = Readonly<Record<string, string>>;

const headersIn = ({ code }: Block): Headers =>
  Object.fromEntries([...code.matchAll(/^(.+?): (.+)$/gm)].map(([, name, value]) => [name!, value!]));

/** A page, with what its console was told. */
class Visit {
  readonly said: string[] = [];
  readonly warnings: string[] = [];
  private readonly listeners: (() => void)[] = [];
  private failure: Error | undefined;

  constructor(readonly page: Page) {
    page.on("console", (message) => {
      if (message.type() === "log") this.said.push(message.text());
      if (message.type() === "warning") this.warnings.push(message.text());
      this.tell();
    });
    page.on("pageerror", (error) => {
      this.failure = error;
      this.tell();
    });
  }

  /** Waits until so many lines are there, or one like this. */
  async until(wanted: number | RegExp): Promise<string[]> {
    const isThere = () =>
      typeof wanted === "number" ? this.said.length >= wanted : this.said.some((line) => wanted.test(line));
    while (!isThere()) {
      if (this.failure) throw this.failure;
      await new Promise<void>((resolve) => this.listeners.push(resolve));
    }
    return this.said;
  }

  private tell(): void {
    for (const listener of this.listeners.splice(0)) listener();
  }
}

const guide = new Guide("browser", await readFile(new URL("../../docs/browser.md", import.meta.url), "utf8"));

describe.skipIf(testedBrowser.missing)(`the guide for browsers${skipped}`, () => {
  let browser: Browser;
  const shown = new Set<string>();

  beforeAll(async () => {
    browser = await testedBrowser.launch();
  });

  afterAll(async () => {
    await browser?.close();
  });

  /** Writes the files of a section and serves them while they are visited. */
  async function site<T>(
    title: string,
    visit: (open: (context?: BrowserContext) => Promise<Visit>) => Promise<T>,
    { headers = ISOLATION, files = {} }: { headers?: Headers; files?: Readonly<Record<string, string>> } = {},
  ): Promise<T> {
    shown.add(title);
    const hasPage = guide.blocks(title).some(({ file }) => file === "index.html");
    const folder = await guide.write(title, { ...(hasPage ? {} : { "index.html": PAGE }), ...files });
    await using server = await serve({ folder, headers });
    const opened: BrowserContext[] = [];
    try {
      return await visit(async (context) => {
        const own = context ?? (await browser.newContext());
        if (!context) opened.push(own);
        const seen = new Visit(await own.newPage());
        const response = await seen.page.goto(`${server.origin}/index.html`);
        if (!response?.ok()) throw new Error(`the page is not there: ${response?.status()}`);
        return seen;
      });
    } finally {
      for (const context of opened) await context.close();
    }
  }

  test("a page of one's own learns a text that is pasted, and writes", () =>
    site("A page of your own", async (open) => {
      const { page } = await open();
      const state = (wanted: RegExp) =>
        page.waitForFunction(
          (source) => new RegExp(source).test(document.getElementById("state")!.textContent!),
          wanted.source,
        );
      const written = (length: number) =>
        page.waitForFunction((length) => document.getElementById("written")!.textContent!.length === length, length);
      await page.click("#learn");
      await state(/^the text is empty/);
      await page.fill("#text", "to be, or not to be, that is the question. ".repeat(40));
      await page.click("#learn");
      await state(/^read 59 of 59 times, loss 0\.0/);
      await written(305);
      await page.evaluate(() => {
        document.getElementById("written")!.textContent = "";
      });
      await page.click("#write");
      await written(305);
    }));

  test("a page learns a conversation, and answers", () =>
    site("A page that answers", async (open) => {
      const { page } = await open();
      await page.click("#learn");
      await page.waitForSelector("#send:enabled");
      await page.fill("#question", "what is your name?¿");
      await page.click("#send");
      const end = "bot: My name is Tiny. I live in this page.\n";
      await page.waitForFunction((end) => document.getElementById("said")!.textContent!.endsWith(end), end);
    }));

  test("a plain page trains and writes", () =>
    site("A plain page", async (open) => {
      const said = await (await open()).until(21);
      const losses = said.slice(0, -1).map((line) => Number(line.split(" ")[1]));
      expect(losses).toHaveLength(20);
      expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
      expect(said.at(-1)).toHaveLength(60);
    }));

  test("one file has everything", () =>
    site("One file", async (open) => {
      const [backends] = await (await open()).until(1);
      expect(backends).toBe("[relaxed-simd, simd, javascript]");
    }));

  test("esbuild bundles a program that names the .wasm files", () => {
    const html = '<!doctype html><script type="module" src="dist/program.js"></script>';
    const visit = site("Bundlers", async (open) => (await open()).until(1), { files: { "index.html": html } });
    return expect(visit).resolves.toEqual([expect.stringMatching(/^relaxed-simd \d+$/)]);
  });

  test("WebAssembly comes from the given sources", () =>
    site("Where the WebAssembly comes from", async (open) => {
      const said = await (await open()).until(5);
      expect(said.slice(0, 4)).toEqual(["url simd", "response simd", "bytes simd", "module simd"]);
      expect(said[4]).toMatch(/^nothing BackendError the kernels \(simd\.wasm\) cannot be loaded: .*: 404 Not Found/);
      expect(guide.text).toContain("`the kernels (simd.wasm) cannot be loaded: … 404 Not Found`");
    }));

  describe("a policy", () => {
    const TITLE = "Content-Security-Policy";
    const policy = headersIn(guide.blocks(TITLE, "http")[0]!);
    const under = (change: (policy: string) => string, files = {}) => {
      const headers = { ...ISOLATION, [TITLE]: change(policy[TITLE]!) };
      return site(
        TITLE,
        async (open) => {
          const seen = await open();
          return { said: [...(await seen.until(1))], warnings: seen.warnings };
        },
        { headers, files },
      );
    };

    test("as given allows everything", async () => {
      expect(await under((policy) => policy)).toEqual({ said: ["relaxed-simd"], warnings: [] });
    });

    test("without 'wasm-unsafe-eval' leaves the javascript backend", async () => {
      const { said, warnings } = await under((policy) => policy.replace(" 'wasm-unsafe-eval'", ""));
      expect(said).toEqual(["javascript"]);
      expect(warnings.filter((warning) => warning.includes("WebAssembly is forbidden here"))).toHaveLength(1);
    });

    test("decides whether the inline form starts threads", async () => {
      const inline = guide.file(TITLE, "page.js").replace("browser.js", "inline.js");
      const forbidden = await under((policy) => policy, { "page.js": inline });
      expect(forbidden.said).toEqual(["relaxed-simd"]);
      expect(forbidden.warnings.filter((warning) => warning.includes("no worker could be started"))).toHaveLength(1);
      const allowed = await under((policy) => policy.replace("worker-src", "worker-src blob:"), { "page.js": inline });
      expect(allowed).toEqual({ said: ["relaxed-simd"], warnings: [] });
    });
  });

  test("a worker trains until it is stopped, and hands over a checkpoint", () =>
    site("In a worker", async (open) => {
      const seen = await open();
      await seen.page.waitForFunction("document.getElementById('loss').textContent.startsWith('epoch 2')");
      await seen.page.click("#stop");
      expect(await seen.until(1)).toEqual([expect.stringMatching(/^a checkpoint of \d{5,} bytes$/)]);
    }));

  test("pages give the same bits, whether they are isolated or not", async () => {
    const isolation = headersIn(guide.blocks("Threads", "http")[0]!);
    expect(isolation).toEqual(ISOLATION);
    const inPage = (headers: Headers) =>
      site(
        "Threads",
        async (open) => {
          const seen = await open();
          return { losses: [...(await seen.until(2))], warnings: seen.warnings.length };
        },
        { headers },
      );
    const isolated = await inPage(isolation);
    expect(isolated.warnings).toBe(0);
    expect(await inPage({})).toEqual({ ...isolated, warnings: 1 });
  });

  test.each(withMore(["database.js"], ["files.js"]))(
    "a run kept with %s goes on where the page was closed",
    async (store) => {
      const page = guide.file("Keeping a run", "page.js").replace("./files.js", `./${store}`);
      const keeping = (visit: Parameters<typeof site<string[]>>[1]) =>
        site("Keeping a run", visit, { files: { "page.js": page } });
      const whole = await keeping(async (open) => (await open()).until(/done/));
      const broken = await keeping(async (open) => {
        const first = await open();
        await first.until(1);
        await first.page.close();
        const rest = await (await open(first.page.context())).until(/done/);
        const [from] = rest[0]!.split(" ");
        return [...whole.slice(0, Number(from) - 1), ...rest];
      });
      expect(whole).toHaveLength(31);
      expect(broken).toEqual(whole);
    },
  );

  test.runIf(FULL)("checkpoints go from a page to Node and back", () =>
    site("Checkpoints in and out", async (open) => {
      const seen = await open();
      const { name, bytes } = await downloadOf(seen.page, () => seen.page.click("#download"));
      expect(name).toBe("model.safetensors");
      const model = await load(bytes);
      expect(model.vocabulary.tokens).toEqual(characters("to be, or not to be").tokens);
      const another = await createModel({ vocabulary: characters("abc"), hiddenSize: 4 });
      const upload = { name: "another.safetensors", mimeType: "", buffer: Buffer.from(save(another)) };
      await seen.page.setInputFiles("#upload", upload);
      expect(await seen.until(1)).toEqual([`another.safetensors ${another.parameterCount} parameters`]);
    }),
  );

  test.runIf(FULL)("has no other examples", () => {
    expect(guide.titles.filter((title) => guide.blocks(title).length > 0)).toEqual([...shown]);
    for (const { language, file } of guide.all) expect([language, file !== undefined]).toSatisfy(isRun);
  });
});

const isRun = ([language, isNamed]: [string, boolean]) => (["sh", "http"].includes(language) ? !isNamed : isNamed);
