// Bytes of the library that a page downloads for some programs: what bundlers are given, dist/'s modules, minified by Rolldown
// and compressed by Brotli, each file by itself.
// usage: node bench/size.mjs [--json], on the built library
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { rolldown } from "rolldown";

/** What each program imports, by entry. */
const PROGRAMS = {
  "train and generate": { index: "characters, createModel, generate, train" },
  "train and generate, with checkpoints": { index: "characters, createModel, generate, load, save, train" },
  "generate from a checkpoint": { index: "generate, load" },
  "forecast a series": { index: "train", forecast: "createForecaster, forecast, prepareSeries" },
  "forecast a series of a file": { index: "train", forecast: "createForecaster, forecast, prepareSeries, readCsv" },
  everything: { index: undefined },
  "a class of errors": { index: "OptionError" },
};

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const brotli = (content) => brotliCompressSync(content).length;
/** Bytes of files that are compressed by some function. */
const total = (files, compressed) => files.reduce((sum, code) => sum + compressed(code), 0);

/** A program that exports these names of the library, minified: what loads first, and what loads on demand. */
async function minified(imported) {
  const code = Object.entries(imported).map(
    ([entry, names]) => `export ${names ? `{ ${names} }` : "*"} from ${JSON.stringify(here(`dist/${entry}.js`))};`,
  );
  const entry = {
    name: "entry",
    resolveId: (id) => (id === "entry" ? "\0entry" : null),
    load: (id) => (id === "\0entry" ? code.join("\n") : null),
  };
  const resolve = { conditionNames: ["browser", "import", "default"] };
  // A page's script has no exports to keep, so the bundler may add some for what loads on demand.
  const program = { input: "entry", preserveEntrySignatures: "allow-extension", plugins: [entry] };
  const bundle = await rolldown({ ...program, platform: "browser", resolve });
  // What loads first is one file.
  const codeSplitting = { groups: [{ name: "first", tags: ["$initial"] }] };
  const { output } = await bundle.generate({ format: "esm", minify: true, comments: false, codeSplitting });
  await bundle.close();
  const atOnce = importedBy(
    output,
    output.filter(({ isEntry }) => isEntry),
  );
  const codes = (chunks) => chunks.map(({ code }) => code);
  return { first: codes([...atOnce]), onDemand: codes(output.filter((chunk) => !atOnce.has(chunk))) };
}

/** Some chunks, and what they import, but for what is imported dynamically. */
function importedBy(chunks, some, found = new Set()) {
  for (const chunk of some) {
    if (found.has(chunk)) continue;
    found.add(chunk);
    importedBy(
      chunks,
      chunks.filter(({ fileName }) => chunk.imports.includes(fileName)),
      found,
    );
  }
  return found;
}

/** Programs that train nothing, and so need the forward kernels alone. */
const ONLY_RUN = ["generate from a checkpoint"];

/** Each program's sizes: its JavaScript, and that with one .wasm file. */
async function sizes() {
  const wasm = (build) => brotli(readFileSync(here(`build/${build}.wasm`)));
  const rows = [];
  for (const [program, imported] of Object.entries(PROGRAMS)) {
    const { first, onDemand } = await minified(imported);
    rows.push({
      program,
      files: first.length,
      own: total(first, brotli),
      withWasm: total(first, brotli) + wasm(`${ONLY_RUN.includes(program) ? "forward-" : ""}relaxed-simd-shared`),
      gzip: total(first, (code) => gzipSync(code, { level: 9 }).length),
      onDemand: total(onDemand, brotli),
    });
  }
  return rows;
}

const rows = await sizes();
if (process.argv.includes("--json")) console.log(JSON.stringify(rows));
else console.table(rows);
