// What a user imports or starts: dist/ joined into a few files. One file in place of some sixty, since importing those one
// by one costs Node 30 ms; and whatever depends on the host is settled here, so that no import map is needed in a page.
import { readFileSync } from "node:fs";
import { build } from "rolldown";

const BUILDS = ["simd", "simd-shared", "relaxed-simd", "relaxed-simd-shared"];
const LOADER = "@assemblyscript/loader";
const CSV = "papaparse";

/** @param conditions of package.json's imports, besides the host's */
const bundle = (host, input, { conditions = [], external = [], ...output } = {}) => ({
  input,
  external,
  platform: host,
  resolve: { conditionNames: [...conditions, host, "import", "default"] },
  output: {
    dir: "dist/bundle",
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
  postBanner: `/*! lstm-wasm, MIT licence. With ${LOADER} (Apache licence 2.0) and, to read tables, ${CSV} (MIT) inside. */`,
};
const inNode = { external: [LOADER, CSV] };

export default [
  bundle(
    "node",
    { node: "dist/index.js", classify: "dist/classify.js", forecast: "dist/forecast.js", cli: "dist/cli/bin.js" },
    inNode,
  ),
  bundle("node", { "worker-node": "dist/engine/worker-node.js" }, inNode),
  bundle(
    "browser",
    { browser: "dist/index.js", "browser-classify": "dist/classify.js", "browser-forecast": "dist/forecast.js" },
    inPages,
  ),
  bundle("browser", { "worker-browser": "dist/engine/worker-browser.js" }),
  inline("node", "inline-node", inNode),
  inline("browser", "inline", inPages),
];
