import { BackendError } from "../common/errors.js";
import { warnOnce } from "../common/warn-once.js";
import type { Backend } from "./kernels.js";
import { isRunnable, isWasmAllowed } from "./probes.js";

const NO_BUILD = "setWasmSources() was given no suitable build";

/**
 * Warns that nothing faster than the JavaScript kernels is available.
 *
 * @throws BackendError that says why a backend is not available
 */
export function explain(backend: Backend, available: readonly Backend[]): void {
  if (available.includes(backend)) warnOnce(`${whyNoWasm()}: using the javascript backend, which is many times slower`);
  else if (backend !== "javascript" && isWasmAllowed() && isRunnable(backend)) throw new BackendError(NO_BUILD);
  else
    throw new BackendError(
      `the ${backend} backend is not available here; available: ${available.join(", ")}` +
        (backend === "relaxed-simd" ? " (relaxed-simd needs Node 22 or newer)" : ""),
    );
}

function whyNoWasm(): string {
  if (isWasmAllowed()) return isRunnable("simd") ? NO_BUILD : "this host does not support WebAssembly SIMD";
  return "WebAssembly is forbidden here (the Content-Security-Policy needs 'wasm-unsafe-eval' in script-src)";
}
