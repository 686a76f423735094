// Bytes of the library that a page downloads for some programs, minified by Rolldown and compressed by Brotli.
// usage: node bench/size.mjs [--json], on the built library
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { rolldown } from "rolldown";

const LOADER = "@assemblyscript/loader";
const PROGRAMS = {
  "train and generate": "characters, createModel, generate, train",
  "train and generate, with checkpoints": "characters, createModel, generate, load, save, train",
  "generate from a checkpoint": "generate, load",
  "forecast a series": "createForecaster, forecast, parseCsvColumns, prepareSeries, train",
  everything: undefined,
};

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const brotli = (content) => brotliCompressSync(content).length;

/** A program that exports these names of the library, minified: what loads first, and what loads on demand. */
async function minified(names, external) {
  const entry = {
    name: "entry",
    resolveId: (id) => (id === "entry" ? "\0entry" : null),
    load: (id) =>
      id === "\0entry" ? `export ${names ? `{ ${names} }` : "*"} from ${JSON.stringify(here("dist/index.js"))}` : null,
  };
  const resolve = { conditionNames: ["browser", "import", "default"] };
  const bundle = await rolldown({ input: "entry", platform: "browser", external, resolve, plugins: [entry] });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const code = (isEntry) => output.filter((chunk) => chunk.isEntry === isEntry).map((chunk) => chunk.code);
  return { first: code(true).join(""), onDemand: code(false).join("") };
}

/** Each program's sizes: the library's own JavaScript, with the loader, and with one .wasm file. */
async function sizes() {
  const wasm = brotli(readFileSync(here("build/relaxed-simd-shared.wasm")));
  const rows = [];
  for (const [program, names] of Object.entries(PROGRAMS)) {
    const own = await minified(names, [LOADER]);
    const whole = await minified(names, []);
    rows.push({
      program,
      own: brotli(own.first),
      withLoader: brotli(whole.first),
      withWasm: brotli(whole.first) + wasm,
      gzip: gzipSync(whole.first, { level: 9 }).length,
      onDemand: brotli(own.onDemand),
    });
  }
  return rows;
}

const rows = await sizes();
if (process.argv.includes("--json")) console.log(JSON.stringify(rows));
else console.table(rows);
