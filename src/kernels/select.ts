import { BackendError, OptionError } from "../common/errors.js";
import { warnOnce } from "../common/warn-once.js";
import { BACKENDS, type Backend, type KernelInstance, type WasmBackend } from "./kernels.js";
import { isRunnable, isWasmAllowed } from "./probes.js";
import { createWasmKernels, isLoadable } from "./wasm.js";

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

/**
 * Creates kernels over a new memory.
 *
 * @param wanted `auto` (default) takes the fastest available
 * @param create makes those of a build: createForwardKernels of forward.ts, if those of training can wait
 * @throws OptionError for an unknown name
 * @throws BackendError if the backend is not available here, or its .wasm file cannot be loaded
 */
export async function createKernels(
  wanted: Backend | "auto" = "auto",
  create = createWasmKernels,
): Promise<KernelInstance> {
  const chosen = chooseBackend(wanted, availableBackends());
  const backend = typeof chosen === "string" ? chosen : await chosen;
  if (backend !== "javascript") return create(backend);
  // Imported dynamically, so that bundlers split off these rarely used kernels.
  const { createJavaScriptKernels } = await import("./javascript/javascript.js");
  return createJavaScriptKernels();
}

/**
 * The wanted backend, or the first of the available ones. A promise only where something has to be said: the sources of the
 * kernels are those at the time of the call.
 *
 * @throws OptionError for an unknown name
 * @throws BackendError if it is not among the available ones
 */
export function chooseBackend(wanted: Backend | "auto", available: readonly Backend[]): Backend | Promise<Backend> {
  if (wanted !== "auto" && !BACKENDS.includes(wanted))
    throw new OptionError("backend", `one of ${["auto", ...BACKENDS].join(", ")}`, wanted);
  const backend = wanted === "auto" ? available[0]! : wanted;
  const isFallback = backend === "javascript" && wanted === "auto";
  return isFallback || !available.includes(backend) ? explain(backend, available) : backend;
}

async function explain(backend: Backend, available: readonly Backend[]): Promise<Backend> {
  const { whyNot, whyNoWasm } = await import("./reasons.js");
  if (!available.includes(backend)) throw new BackendError(whyNot(backend, available));
  warnOnce(`${whyNoWasm()}: using the javascript backend, which is many times slower`);
  return backend;
}
