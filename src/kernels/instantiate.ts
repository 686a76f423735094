import { instantiateSync } from "@assemblyscript/loader";
import type { Kernels } from "./kernels.js";

/**
 * The kernels of a compiled build over a memory, which is all that they import.
 *
 * @throws LinkError if the build needs another kind of memory
 */
// The loader's asynchronous function mentions Response, for which Node loads all of fetch: 20 ms.
export const instantiate = (module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels =>
  instantiateSync(module, { env: { memory } }).exports as unknown as Kernels;
