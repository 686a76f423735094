import { BackendError, OptionError } from "../common/errors.js";
import { warnOnce } from "../common/warn-once.js";
import { BACKENDS, type Backend, type KernelInstance, type WasmBackend } from "./kernels.js";
import { createWasmKernels, isLoadable } from "./wasm.js";

/** The smallest module with one relaxed instruction: (func (param v128) (drop (f32x4.relaxed_madd …))). */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0], // magic, version 1
  ...[1, 5, 1, 96, 1, 123, 0], // type section: (v128) → ()
  ...[3, 2, 1, 0], // function section
  ...[10, 14, 1, 12, 0, 32, 0, 32, 0, 32, 0, 253, 133, 2, 26, 11], // code: relaxed_madd is 0xfd 0x105
);

/** The same with f32x4.add. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 5, 1, 96, 1, 123, 0],
  ...[3, 2, 1, 0],
  ...[10, 12, 1, 10, 0, 32, 0, 32, 0, 253, 228, 1, 26, 11], // f32x4.add is 0xfd 0xe4
);

/** The smallest module of all. */
const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** The backends that run on this host, fastest first. `javascript` always does. */
export function availableBackends(): Backend[] {
  const ordered: readonly Backend[] = runsRelaxedWell() ? BACKENDS : ["simd", "relaxed-simd", "javascript"];
  return runnable(ordered, isLoadable);
}

/** Those that this host runs, of the builds that can be loaded. */
export function runnable(backends: readonly Backend[], isLoadable: (backend: WasmBackend) => boolean): Backend[] {
  const allowed = isWasmAllowed();
  return backends.filter(
    (backend) => backend === "javascript" || (allowed && isRunnable(backend) && isLoadable(backend)),
  );
}

/**
 * Whether `relaxed-simd` is the faster build. V8 up to 12.9 (Node 23, Chrome 129) trains with it at 0.8 times the speed of
 * `simd`, V8 13.6 (Node 24, Chrome 136) at 1.2 times. That version also brought RegExp.escape.
 */
const runsRelaxedWell = (): boolean => "escape" in RegExp;

const NO_BUILD = "setWasmSources() was given no suitable build";

const isRunnable = (backend: WasmBackend): boolean =>
  WebAssembly.validate(backend === "simd" ? SIMD_PROBE : RELAXED_PROBE);

/** A page's Content-Security-Policy can forbid compiling WebAssembly. */
function isWasmAllowed(): boolean {
  try {
    return new WebAssembly.Module(EMPTY) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Creates kernels over a new memory.
 *
 * @param wanted `auto` (default) takes the fastest available
 * @throws OptionError for an unknown name
 * @throws BackendError if the backend is not available here, or its .wasm file cannot be loaded
 */
export async function createKernels(wanted: Backend | "auto" = "auto"): Promise<KernelInstance> {
  const backend = chooseBackend(wanted, availableBackends());
  if (backend !== "javascript") return createWasmKernels(backend);
  // Imported dynamically, so that bundlers split off these rarely used kernels.
  const { createJavaScriptKernels } = await import("./javascript/javascript.js");
  return createJavaScriptKernels();
}

/**
 * The wanted backend, or the first of the available ones.
 *
 * @throws OptionError for an unknown name
 * @throws BackendError if it is not among the available ones
 */
export function chooseBackend(wanted: Backend | "auto", available: readonly Backend[]): Backend {
  if (wanted !== "auto" && !BACKENDS.includes(wanted)) {
    throw new OptionError("backend", `one of ${["auto", ...BACKENDS].join(", ")}`, wanted);
  }
  const backend = wanted === "auto" ? available[0] : wanted;
  if (backend === undefined || !available.includes(backend)) {
    if (backend && backend !== "javascript" && isWasmAllowed() && isRunnable(backend)) throw new BackendError(NO_BUILD);
    throw new BackendError(
      `the ${backend} backend is not available here; available: ${available.join(", ")}` +
        (backend === "relaxed-simd" ? " (relaxed-simd needs Node 22 or newer)" : ""),
    );
  }
  if (backend === "javascript" && wanted === "auto")
    warnOnce(`${whyNoWasm()}: using the javascript backend, which is many times slower`);
  return backend;
}

function whyNoWasm(): string {
  if (isWasmAllowed()) return isRunnable("simd") ? NO_BUILD : "this host does not support WebAssembly SIMD";
  return "WebAssembly is forbidden here (the Content-Security-Policy needs 'wasm-unsafe-eval' in script-src)";
}
