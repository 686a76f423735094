// Bytes that a page downloads to read each foreign format, besides lstm-wasm itself: minified by Rolldown and compressed by
// Brotli, the packages that the format needs inside.
// usage: node bench/convert-size.mjs, on the built library
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { rolldown } from "rolldown";

/** The modules that are fetched for each format. */
const FORMATS = {
  safetensors: [],
  "PyTorch .pt": ["pytorch", "fflate"],
  "Keras .h5": ["keras-files", "jsfive"],
  "Keras .keras": ["keras-files", "jsfive", "fflate"],
  "TensorFlow.js": ["tensorflow-js"],
  "ONNX, in": ["onnx", "pbf"],
  "ONNX, out": ["pbf"],
  ml5: ["ml5"],
};

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const bundle = await rolldown({
  input: { index: here("dist/index.js"), convert: here("dist/convert.js") },
  platform: "browser",
  resolve: { conditionNames: ["browser", "import", "default"] },
});
const { output } = await bundle.generate({ format: "esm", minify: true, chunkFileNames: "[name].js" });
await bundle.close();
const chunks = new Map(output.filter(({ type }) => type === "chunk").map((chunk) => [chunk.fileName, chunk]));

/** A chunk and all that it imports at once. */
function closure(fileName, into = new Set()) {
  if (!chunks.has(fileName) || into.has(fileName)) return into;
  into.add(fileName);
  for (const imported of chunks.get(fileName).imports) closure(imported, into);
  return into;
}

/** The chunk of a file in src/convert/, or of a package. */
const chunkOf = (name) =>
  [...chunks.values()].find(({ facadeModuleId }) =>
    new RegExp(`/dist/convert/${name}\\.js$|/node_modules/${name}/`).test(facadeModuleId ?? ""),
  ).fileName;

const core = closure("index.js");
const entry = closure("convert.js", new Set(core));

/** Bytes of the files that are not among those before. */
const bytes = (files, before) =>
  [...files]
    .filter((file) => !before.has(file))
    .reduce((sum, file) => sum + brotliCompressSync(chunks.get(file).code).length, 0)
    .toLocaleString("en");

console.log("lstm-wasm/convert".padEnd(20) + bytes(entry, core).padStart(8));
for (const [format, names] of Object.entries(FORMATS)) {
  const files = new Set(names.flatMap((name) => [...closure(chunkOf(name))]));
  console.log(format.padEnd(20) + `+ ${bytes(files, entry)}`.padStart(8));
}
