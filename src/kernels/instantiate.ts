import type { Kernels } from "./kernels.js";

/**
 * The kernels of a compiled build over a memory, which is all that they import.
 *
 * @throws LinkError if the build needs another kind of memory
 */
export const instantiate = (module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels =>
  new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
