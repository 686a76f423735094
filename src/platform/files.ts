import type { Files } from "./platform.js";

// Each URL is spelled out, because bundlers detect exactly this expression. The paths are valid from dist/platform and
// dist/bundle.
export const builds = {
  simd: () => new URL("../../build/simd.wasm", import.meta.url),
  "simd-shared": () => new URL("../../build/simd-shared.wasm", import.meta.url),
  "relaxed-simd": () => new URL("../../build/relaxed-simd.wasm", import.meta.url),
  "relaxed-simd-shared": () => new URL("../../build/relaxed-simd-shared.wasm", import.meta.url),
  "forward-simd": () => new URL("../../build/forward-simd.wasm", import.meta.url),
  "forward-simd-shared": () => new URL("../../build/forward-simd-shared.wasm", import.meta.url),
  "forward-relaxed-simd": () => new URL("../../build/forward-relaxed-simd.wasm", import.meta.url),
  "forward-relaxed-simd-shared": () => new URL("../../build/forward-relaxed-simd-shared.wasm", import.meta.url),
  "int8-simd": () => new URL("../../build/int8-simd.wasm", import.meta.url),
  "int8-relaxed-simd": () => new URL("../../build/int8-relaxed-simd.wasm", import.meta.url),
} satisfies Files["builds"];

export const createWorker: Files["createWorker"] = () =>
  new Worker(new URL("../bundle/worker-browser.js", import.meta.url), { type: "module" });
