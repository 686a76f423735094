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

/**
 * Creates these kernels over a new memory.
 *
 * @throws OptionError, BackendError as createKernels
 */
export async function createInt8Kernels(wanted: Backend | "auto" = "auto"): Promise<KernelInstance> {
  // The relaxed product of bytes is the faster one in every engine that has it.
  const available = runnable(BACKENDS, (backend) => isOffered(`int8-${backend}`));
  const backend = chooseBackend(wanted, available);
  if (backend !== "javascript") return createUnsharedKernels(backend, `int8-${backend}`, SCRATCH);
  const { createInt8JavaScriptKernels } = await import("./javascript/int8.js");
  return createInt8JavaScriptKernels();
}
