import { createHash } from "node:crypto";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { characters, createModel, save, train } from "../../src/index.js";
import { presets } from "../../src/presets.js";
import { withMore } from "../full.js";
import { resultOf } from "./browser.js";
import { ISOLATION, type SiteOptions, serve } from "./serve.js";
import { skipped, testedBrowser } from "./tested-browser.js";

// The bundle in a plain page that has only this package's files.

const EPOCHS = 20;
const BATCH_SIZE = 6;

interface Result {
  trainLoss: number;
  /** Of the checkpoint. */
  sha256: string;
}

const files = {
  "/": '<!doctype html><title>lstm-wasm</title><script type="module" src="/page.js"></script>',
  "/page.js": `
    import { characters, createModel, save, train } from "/dist/bundle/browser.js";
    import { presets } from "/dist/bundle/browser-presets.js";
    const { text, model: modelOptions, training } = presets.hamlet;
    const options = { ...training, epochs: ${EPOCHS}, batchSize: ${BATCH_SIZE} };
    const threads = Number(new URLSearchParams(location.search).get("threads"));
    globalThis.result = (async () => {
      const model = await createModel({ vocabulary: characters(text), ...modelOptions, backend: "simd" });
      let trainLoss;
      for await (const report of train(model, text, { ...options, gradientShards: threads, threads })) trainLoss = report.trainLoss;
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", save(model)));
      model.free();
      return { trainLoss, sha256: Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") };
    })();`,
};

async function inNode(threads: number): Promise<Result> {
  const { text, model: modelOptions, training } = presets.hamlet;
  const options = { ...training, epochs: EPOCHS, batchSize: BATCH_SIZE, gradientShards: threads, threads };
  const model = await createModel({ vocabulary: characters(text), ...modelOptions, backend: "simd" });
  let trainLoss = Number.NaN;
  for await (const report of train(model, text, options)) trainLoss = report.trainLoss;
  const sha256 = createHash("sha256").update(save(model)).digest("hex");
  model.free();
  return { trainLoss, sha256 };
}

const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

const sites: Record<string, SiteOptions> = {
  "that is isolated": { headers: ISOLATION },
  "that is not isolated": {},
  "with a strict Content-Security-Policy": { headers: { ...ISOLATION, "Content-Security-Policy": POLICY } },
  "whose server does not know .wasm": { headers: ISOLATION, types: { ".wasm": "application/octet-stream" } },
};

const { name, missing, launch } = testedBrowser;

describe.skipIf(missing)(`a page in ${name}${skipped}`, () => {
  let browser: Browser;
  const expected = new Map<number, Promise<Result>>();

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  describe.each(Object.entries(sites))("%s", (_, options) => {
    test.each(withMore([3], [1, 2]))("trains with threads: %i to the bytes of Node", async (threads) => {
      if (!expected.has(threads)) expected.set(threads, inNode(threads));
      await using site = await serve({ files, ...options });
      expect(await resultOf(browser, `${site.origin}/?threads=${threads}`)).toEqual(await expected.get(threads));
      const started = site.requests.filter((path) => path === "/dist/bundle/worker-browser.js");
      expect(started).toHaveLength(options.headers ? threads - 1 : 0);
      expect(site.requests).toContain(`/build/simd${options.headers ? "-shared" : ""}.wasm`);
    });
  });

  test("that forbids WebAssembly falls back to the javascript backend, with one warning", async () => {
    const page = `
      import { availableBackends, characters, createModel } from "/dist/bundle/browser.js";
      const said = [];
      console.warn = (message) => said.push(message);
      const backends = [];
      globalThis.result = (async () => {
        for (let i = 0; i < 2; i++) backends.push((await createModel({ vocabulary: characters("ab") })).backend);
        const refused = await createModel({ vocabulary: characters("ab"), backend: "simd" }).catch(({ name }) => name);
        return { available: availableBackends(), backends, said, refused };
      })();`;
    const policy = { "Content-Security-Policy": POLICY.replace("'wasm-unsafe-eval'", "") };
    await using site = await serve({ files: { ...files, "/page.js": page }, headers: policy });
    expect(await resultOf(browser, site.origin)).toEqual({
      available: ["javascript"],
      backends: ["javascript", "javascript"],
      said: [expect.stringMatching(/WebAssembly is forbidden here .*'wasm-unsafe-eval'.*many times slower/)],
      refused: "BackendError",
    });
  });
});
