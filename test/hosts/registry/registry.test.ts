import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch } from "../browser.js";
import { findChromium, whyNoChromium } from "../chromium.js";
import { importing } from "../consumers/project.js";
import { serve } from "../serve.js";
import { Registry, ROOT } from "./registry.js";

// From a registry to a trained model, as a stranger goes: the package is published to a registry on this machine, and everything
// else comes from there. It takes most of a minute and the network, so only `npm run check:package` runs it.

const wanted = process.env["REGISTRY"] === "1";
const LIMIT = 240_000;
const FOLDER = join(ROOT, "build", "registry");
const MANIFEST = join(ROOT, "package.json");
const TEXT = "to be, or not to be, that is the question. ".repeat(40);
const PROGRAM = fileURLToPath(new URL("../consumers/program.mjs", import.meta.url));
const installed = (path: string) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));

const found = wanted ? findChromium() : undefined;

describe.skipIf(!wanted)(`the package from a registry${wanted ? "" : " (SKIPPED: npm run check:package)"}`, () => {
  let registry: Registry;
  let manifest: string;
  const times: string[] = [];

  /** An action with the time that it took, for the summary. */
  async function timed<T>(what: string, action: () => Promise<T>): Promise<T> {
    const before = performance.now();
    const result = await action();
    times.push(`${((performance.now() - before) / 1000).toFixed(1).padStart(6)} s  ${what}`);
    return result;
  }

  /** A new, empty folder. */
  async function empty(name: string): Promise<string> {
    const folder = join(FOLDER, "folders", name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    return folder;
  }

  beforeAll(async () => {
    manifest = await readFile(MANIFEST, "utf8");
    registry = await timed("to start the registry", () => Registry.start(FOLDER));
    expect(await timed("to publish", () => registry.publish())).toMatch(/^\+ lstm-wasm@/m);
  }, LIMIT);

  afterAll(async () => {
    await registry?.[Symbol.asyncDispose]();
    expect(await readFile(MANIFEST, "utf8"), "package.json of this repository").toBe(manifest);
    process.stderr.write(`${times.join("\n")}\n`);
  });

  test("is not published twice", async () => {
    expect(await registry.publish()).toMatch(/^lstm-wasm \S+ is published already$/m);
  });

  test("npx trains on a text in an empty folder, and generates", { timeout: LIMIT }, async () => {
    const folder = await empty("npx");
    await writeFile(join(folder, "book.txt"), TEXT);
    const npx = (...args: string[]) => registry.run("npx", ["--yes", "lstm-wasm", ...args], folder);
    const train = [
      "train",
      "--text",
      "book.txt",
      "--epochs",
      "30",
      "--learning-rate",
      "0.01",
      "--out",
      "book.safetensors",
    ];
    const { stdout } = await timed("from an empty folder to a trained text, with npx", () => npx(...train));
    expect(stdout).toMatch(/Speed: +[\d,]+ tokens\/s/);
    const model = ["--model", "book.safetensors", "--prompt", "to be,", "--length", "40", "--greedy"];
    const generated = await timed("to generate", () => npx("generate", ...model));
    expect(generated.stdout).toContain("or not to be");
  });

  test.skipIf(!found)(
    `a page made by Vite trains${found || !wanted ? "" : ` (SKIPPED: ${whyNoChromium()})`}`,
    { timeout: LIMIT },
    async () => {
      const folder = await empty("vite");
      await timed("from an empty folder to a page that Vite has built", async () => {
        const create = ["create", "vite@latest", "app", "--yes", "--", "--template", "vanilla", "--no-interactive"];
        await registry.run("npm", create, folder);
        await registry.run("npm", ["install", "lstm-wasm"], join(folder, "app"));
        const page = `
          import { characters, createModel, train } from "lstm-wasm";
          globalThis.result = (async () => {
            const text = ${JSON.stringify(TEXT)};
            const model = await createModel({ vocabulary: characters(text), hiddenSize: 32 });
            const losses = [];
            for await (const { trainLoss } of train(model, text, { epochs: 5, batchSize: 4 })) losses.push(trainLoss);
            return { backend: model.backend, losses };
          })();`;
        await writeFile(join(folder, "app", "src", "main.js"), page);
        await registry.run("npm", ["run", "build"], join(folder, "app"));
      });
      await using site = await serve({ folder: join(folder, "app", "dist") });
      const browser = await launch(found!);
      try {
        const page = await browser.newPage();
        await timed("for the page to open and train", async () => {
          await page.goto(`${site.origin}/index.html`);
          const { backend, losses } = (await page.evaluate("globalThis.result")) as {
            backend: string;
            losses: number[];
          };
          expect(backend).toMatch(/simd/);
          expect(losses).toHaveLength(5);
          expect(losses[4]).toBeLessThan(losses[0]!);
        });
      } finally {
        await browser.close();
      }
    },
  );

  const RUNTIMES = [
    ["Deno", installed("@deno/linux-x64-glibc/deno"), "deno.json", "npm:lstm-wasm", ["--allow-read", "--allow-env"]],
    ["Bun", installed("@oven/bun-linux-x64/bin/bun"), "package.json", "lstm-wasm", []],
  ] as const;

  test.each(RUNTIMES)("%s installs and trains", { timeout: LIMIT }, async (name, program, project, entry, allowed) => {
    if (!existsSync(program)) return;
    const folder = await empty(name.toLowerCase());
    const code = importing(await readFile(PROGRAM, "utf8"), "lstm-wasm");
    await writeFile(join(folder, "program.mjs"), code);
    // Otherwise the folder would be part of the next project above, this repository. Deno takes no package younger than a day.
    await writeFile(join(folder, project), name === "Deno" ? '{ "minimumDependencyAge": 0 }' : "{}");
    const { stdout } = await timed(`for ${name} to install it and train`, async () => {
      await registry.run(program, ["add", entry], folder);
      return registry.run(program, ["run", ...allowed, "program.mjs"], folder);
    });
    const { hamlet, warnings } = JSON.parse(stdout) as { hamlet: number; warnings: string[] };
    expect(hamlet).toBeLessThan(3.5);
    expect(warnings).toEqual([]);
  });
});
