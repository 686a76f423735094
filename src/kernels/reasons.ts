import type { Backend } from "./kernels.js";
import { isRunnable, isWasmAllowed } from "./probes.js";

// Fetched where a backend is not available.

const NO_BUILD = "setWasmSources() was given no suitable build";

/** Why a backend is not available. */
export function whyNot(backend: Backend, available: readonly Backend[]): string {
  if (backend !== "javascript" && isWasmAllowed() && isRunnable(backend)) return NO_BUILD;
  const needs = backend === "relaxed-simd" ? " (relaxed-simd needs Node 22 or newer)" : "";
  return `the ${backend} backend is not available here; available: ${available.join(", ")}${needs}`;
}

/** Why only the JavaScript kernels are available. */
export function whyNoWasm(): string {
  if (isWasmAllowed()) return isRunnable("simd") ? NO_BUILD : "this host does not support WebAssembly SIMD";
  return "WebAssembly is forbidden here (the Content-Security-Policy needs 'wasm-unsafe-eval' in script-src)";
}
