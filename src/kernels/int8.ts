import { BackendError } from "../common/errors.js";
import { BACKENDS, type Backend, type KernelInstance } from "./kernels.js";
import type { ScratchBytes } from "./scratch.js";
import { chooseBackend, runnable } from "./select.js";
import { createUnsharedKernels } from "./wasm.js";
import { isOffered } from "./wasm-builds.js";

// The kernels of networks whose weights are bytes: the forward ones of the interface, with weights laid out as
// assembly/int8.ts has it. All backends give the same bits.

/** As in assembly/int8.ts: rows that are rounded at a time. */
const ROWS = 32;
/** Two rows of sums. */
const SUMS = 32;

const none = () => 0;

/** A scale for each row, then two digits of at most two bytes for each activation. */
const product = (M: number, K: number): number => {
  const rows = Math.min(M, ROWS);
  return SUMS + 4 * Math.ceil(rows / 4) * 4 + rows * 4 * Math.ceil(K / 16) * 16;
};

const SCRATCH: ScratchBytes = {
  linearForward: (M, _N, K) => product(M, K),
  linearBackward: none,
  gatherBackward: none,
  lstmForward: product,
  lstmBackward: none,
};

/** The backends that run these kernels here, the fastest first. */
export const int8Backends = (): Backend[] =>
  // The relaxed product of bytes is the faster one in every engine that has it.
  runnable(BACKENDS, (backend) => isOffered(`int8-${backend}`) && (backend === "simd" || isRelaxedRight()));

/**
 * V8 11.3 (Node 20), which has relaxed SIMD behind a flag, miscompiles the product of bytes in its baseline compiler: it
 * overwrites an operand. V8 12.1 brought Array.fromAsync.
 */
const isRelaxedRight = (): boolean => "fromAsync" in Array;

/**
 * Creates these kernels over a new memory.
 *
 * @throws OptionError, BackendError as createKernels
 */
export async function createInt8Kernels(wanted: Backend | "auto"): Promise<KernelInstance> {
  if (wanted === "relaxed-simd" && !isRelaxedRight())
    throw new BackendError(
      "this engine computes relaxed products of int8 wrongly: use simd, which gives the same bits",
    );
  const backend = await chooseBackend(wanted, int8Backends());
  if (backend !== "javascript") return createUnsharedKernels(backend, `int8-${backend}`, SCRATCH);
  const { createInt8JavaScriptKernels } = await import("./javascript/int8.js");
  return createInt8JavaScriptKernels();
}
