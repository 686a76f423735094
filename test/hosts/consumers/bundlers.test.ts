import { cp } from "node:fs/promises";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { build as esbuild } from "esbuild";
import type { Browser } from "playwright";
import { rollup } from "rollup";
import { createServer, build as vite } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import webpack from "webpack";
import { FULL, withMore } from "../../full.js";
import { launch } from "../browser.js";
import { findChromium, whyNoChromium } from "../chromium.js";
import { ISOLATION, type Site, serve } from "../serve.js";
import { expectedResult, NO_SHARED_MEMORY, type Result } from "./expected.js";
import { html, resultOnPage } from "./page.js";
import { Project } from "./project.js";

const found = findChromium();

describe.skipIf(!found)(`in a page${found ? "" : ` (SKIPPED: ${whyNoChromium()})`}`, () => {
  let project: Project;
  let expected: Result;
  let browser: Browser;
  let site: Site;

  beforeAll(async () => {
    browser = await launch(found!);
    [project, expected] = await Promise.all([Project.install("bundlers"), expectedResult()]);
    site = await serve({ folder: project.folder, headers: ISOLATION });
  }, 120_000);

  afterAll(async () => {
    await site?.[Symbol.asyncDispose]();
    await browser?.close();
  });

  const resultIn = (path: string): Promise<Result> => resultOnPage(browser, `${site.origin}/${path}/index.html`);

  test("a script with an import map", async () => {
    const bundle = "../node_modules/lstm-wasm/dist/bundle";
    const imports = { "lstm-wasm": `${bundle}/browser.js`, "lstm-wasm/presets": `${bundle}/browser-presets.js` };
    await project.writeProgram("plain/program.js", "lstm-wasm");
    await project.write("plain/index.html", html("./program.js", { imports }));
    expect(await resultIn("plain")).toEqual(expected);
  });

  test.runIf(FULL)("a script that takes everything from one file", async () => {
    await project.writeProgram("one-file/program.js", "./inline.js");
    await project.write("one-file/index.html", html("./program.js"));
    await cp(project.path("node_modules/lstm-wasm/dist/bundle/inline.js"), project.path("one-file/inline.js"));
    expect(await resultIn("one-file")).toEqual(expected);
  });

  // esbuild and Rollup, below, join the inline form too.
  describe.each(withMore(["lstm-wasm"], ["lstm-wasm/inline"]))("%s", (entry) => {
    const form = entry.replace("/", "-");

    test("Vite", async () => {
      const folder = `vite-${form}`;
      await project.writeProgram(`${folder}/program.mjs`, entry);
      await project.write(`${folder}/index.html`, html("./program.mjs"));
      await vite({ root: project.path(folder), base: "./", configFile: false, logLevel: "error" });
      expect(await resultIn(`${folder}/dist`)).toEqual(expected);
    });

    test.skipIf(!FULL)("Vite's development server", async () => {
      const folder = `vite-dev-${form}`;
      await project.writeProgram(`${folder}/program.mjs`, entry);
      await project.write(`${folder}/index.html`, html("./program.mjs"));
      const settings = { port: 0, host: "127.0.0.1", headers: ISOLATION };
      const root = project.path(folder);
      const development = await createServer({ root, configFile: false, logLevel: "error", server: settings });
      try {
        await development.listen();
        expect(await resultOnPage(browser, development.resolvedUrls!.local[0]!)).toEqual(expected);
      } finally {
        await development.close();
      }
    });

    test("webpack", async () => {
      const folder = `webpack-${form}`;
      const program = await project.writeProgram(`${folder}/program.mjs`, entry);
      await project.write(`${folder}/dist/index.html`, html("./program.js"));
      const output = { path: project.path(folder, "dist"), filename: "program.js" };
      // What is minified is Vite's and esbuild's affair: here it would take as long as all the rest.
      const options = {
        mode: "production",
        target: "web",
        optimization: { minimize: false },
        performance: false,
      } as const;
      const compiler = webpack({ entry: program, output, ...options })!;
      const stats = await new Promise<webpack.Stats>((resolve, reject) =>
        compiler.run((error, stats) => (error ? reject(error) : resolve(stats!))),
      );
      expect(stats.toJson({ warnings: true, errors: true })).toMatchObject({ warnings: [], errors: [] });
      expect(await resultIn(`${folder}/dist`)).toEqual(expected);
    });
  });

  test.runIf(FULL)("esbuild with the inline form", async () => {
    const program = await project.writeProgram("esbuild/program.mjs", "lstm-wasm/inline");
    await project.write("esbuild/dist/index.html", html("./program.js"));
    const outdir = project.path("esbuild", "dist");
    await esbuild({ entryPoints: [program], outdir, bundle: true, format: "esm", minify: true, logLevel: "error" });
    expect(await resultIn("esbuild/dist")).toEqual(expected);
  });

  test.runIf(FULL)("esbuild with a .wasm file that the program names", async () => {
    const naming = (code: string) =>
      `import simd from "lstm-wasm/simd.wasm"; import { setWasmSources } from "lstm-wasm"; setWasmSources({ simd });\n${code}`;
    const program = await project.writeProgram("esbuild-file/program.mjs", "lstm-wasm", naming);
    await project.write("esbuild-file/dist/index.html", html("./program.js"));
    const outdir = project.path("esbuild-file", "dist");
    const loader = { ".wasm": "file" } as const;
    await esbuild({ entryPoints: [program], outdir, bundle: true, format: "esm", loader, logLevel: "error" });
    expect(await resultIn("esbuild-file/dist")).toEqual({ ...expected, warnings: [NO_SHARED_MEMORY] });
  });

  test.runIf(FULL)("Rollup with the inline form", async () => {
    const input = await project.writeProgram("rollup/program.mjs", "lstm-wasm/inline");
    await project.write("rollup/dist/index.html", html("./program.js"));
    const bundle = await rollup({ input, plugins: [nodeResolve({ browser: true })] });
    await bundle.write({ file: project.path("rollup", "dist", "program.js"), format: "esm" });
    expect(await resultIn("rollup/dist")).toEqual(expected);
  });
});
