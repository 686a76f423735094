// Bytes of the library that a page downloads for some programs, minified by Rolldown and compressed by Brotli.
// usage: node bench/size.mjs [--json], on the built library
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { rolldown } from "rolldown";

const LOADER = "@assemblyscript/loader";
/** What each program imports, by entry. */
const PROGRAMS = {
  "train and generate": { index: "characters, createModel, generate, train" },
  "train and generate, with checkpoints": { index: "characters, createModel, generate, load, save, train" },
  "generate from a checkpoint": { index: "generate, load" },
  "forecast a series": { index: "train", forecast: "createForecaster, forecast, prepareSeries" },
  "forecast a series of a file": { index: "train", forecast: "createForecaster, forecast, prepareSeries, readCsv" },
  everything: { index: undefined },
};

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const brotli = (content) => brotliCompressSync(content).length;

/** A program that exports these names of the library, minified: what loads first, and what loads on demand. */
async function minified(imported, external) {
  const code = Object.entries(imported).map(
    ([entry, names]) => `export ${names ? `{ ${names} }` : "*"} from ${JSON.stringify(here(`dist/${entry}.js`))};`,
  );
  const entry = {
    name: "entry",
    resolveId: (id) => (id === "entry" ? "\0entry" : null),
    load: (id) => (id === "\0entry" ? code.join("\n") : null),
  };
  const resolve = { conditionNames: ["browser", "import", "default"] };
  const bundle = await rolldown({ input: "entry", platform: "browser", external, resolve, plugins: [entry] });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const joined = (isEntry) => output.filter((chunk) => chunk.isEntry === isEntry).map((chunk) => chunk.code);
  return { first: joined(true).join(""), onDemand: joined(false).join("") };
}

/** Each program's sizes: the library's own JavaScript, with the loader, and with one .wasm file. */
async function sizes() {
  const wasm = brotli(readFileSync(here("build/relaxed-simd-shared.wasm")));
  const rows = [];
  for (const [program, imported] of Object.entries(PROGRAMS)) {
    const own = await minified(imported, [LOADER]);
    const whole = await minified(imported, []);
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
