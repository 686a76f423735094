// What a user imports or starts: dist/ joined into a few files. One file in place of some sixty, since importing those one
// by one costs Node 30 ms; and whatever depends on the host is settled here, so that no import map is needed in a page.
import { readFileSync } from "node:fs";
import { build } from "rolldown";
import packageJson from "./package.json" with { type: "json" };

const BUILDS = ["simd", "simd-shared", "relaxed-simd", "relaxed-simd-shared", "int8-simd", "int8-relaxed-simd"];
const LOADER = "@assemblyscript/loader";
/** What `lstm-wasm/convert`, `lstm-wasm/mpi` and `lstm-wasm/sweep` import when it is needed, and only their users install. */
const OPTIONAL = Object.keys(packageJson.peerDependencies);
const CSV = "papaparse";

/** @param conditions of package.json's imports, besides the host's */
const bundle = (host, input, { conditions = [], external = [], ...output } = {}) => ({
  input,
  external,
  platform: host,
  resolve: { conditionNames: [...conditions, host, "import", "default"] },
  // What is imported on demand by one function and at once by another is loaded at once here, as few files as there are.
  checks: { ineffectiveDynamicImport: false },
  output: {
    dir: "dist/bundle",
    // What several entries import is one file, not one for each set of entries.
    // What reads tables and scales them is not for those who import the main entry alone, nor are words and streams, and the
    // kernels in JavaScript, which those of int8 weights share, are only for those who run them.
    codeSplitting: {
      groups: [
        {
          name: "shared",
          test: /[\\/]dist[\\/](?!convert|distributed|sweep|cli|presets|tables|series|classification|kernels.javascript|data.(?:words|vocabulary-from))/,
          minShareCount: 2,
          priority: 1,
        },
        { name: "vocabulary", test: /dist.data.(?:words|vocabulary-from)/, minShareCount: 2 },
        { name: "tables", test: /papaparse|dist.(?:tables|series|classification)/, minShareCount: 2 },
      ],
    },
    format: "esm",
    comments: false,
    chunkFileNames: `${Object.keys(input)[0]}-[name].js`,
    ...output,
  },
});

/** The .wasm files and the script of a page's thread, as a module: what `lstm-wasm/inline` has inside. */
const embedded = {
  name: "embedded",
  resolveId: (id) => (id === "#embedded" ? id : null),
  async load(id) {
    if (id !== "#embedded") return null;
    const thread = bundle("browser", { thread: "dist/engine/worker-browser.js" }, { minify: true });
    const { output } = await build({ ...thread, write: false });
    const base64 = Object.fromEntries(BUILDS.map((name) => [name, readFileSync(`build/${name}.wasm`, "base64")]));
    return `export const base64 = ${JSON.stringify(base64)}; export const script = ${JSON.stringify(output[0].code)};`;
  },
};

const inline = (host, name, options) => ({
  ...bundle(
    host,
    { [name]: "dist/inline.js" },
    { conditions: ["inline"], codeSplitting: false, minify: true, ...options },
  ),
  plugins: [embedded],
});

/** Packages are part of the files for pages, where nobody else would find them. */
const inPages = {
  external: OPTIONAL,
  postBanner: `/*! lstm-wasm, MIT licence. With ${LOADER} (Apache licence 2.0) and, to read tables, ${CSV} (MIT) inside. */`,
};
const inNode = { external: [LOADER, CSV, ...OPTIONAL] };

/** The entries besides the main one. */
const entries = (prefix) => ({
  [`${prefix}inspect`]: "dist/inspect.js",
  [`${prefix}presets`]: "dist/presets.js",
  [`${prefix}stream`]: "dist/stream.js",
  [`${prefix}words`]: "dist/words.js",
  [`${prefix}classify`]: "dist/classify.js",
  [`${prefix}forecast`]: "dist/forecast.js",
  [`${prefix}convert`]: "dist/convert.js",
});

export default [
  bundle(
    "node",
    { node: "dist/index.js", ...entries(""), mpi: "dist/mpi.js", sweep: "dist/sweep.js", cli: "dist/command/bin.js" },
    inNode,
  ),
  bundle("node", { "worker-node": "dist/engine/worker-node.js" }, inNode),
  bundle("browser", { browser: "dist/index.js", ...entries("browser-") }, inPages),
  bundle("browser", { "worker-browser": "dist/engine/worker-browser.js" }),
  inline("node", "inline-node", inNode),
  inline("browser", "inline", inPages),
];
