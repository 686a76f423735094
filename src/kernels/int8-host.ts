import { BackendError } from "../common/errors.js";
import { BACKENDS } from "./kernels.js";
import { chooseBackend, runnable } from "./select.js";
import { createUnsharedKernels } from "./wasm.js";
import { isOffered } from "./wasm-builds.js";

/**
 * What the kernels of int8 weights need from the rest of the library. It is passed in rather than imported: they are loaded
 * on demand, and bundlers keep whatever such a module imports, used or not.
 */
export const INT8_KERNELS_HOST = { BackendError, BACKENDS, chooseBackend, createUnsharedKernels, isOffered, runnable };

export type Int8KernelsHost = typeof INT8_KERNELS_HOST;
