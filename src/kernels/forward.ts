import type { KernelInstance, WasmBackend } from "./kernels.js";
import { kernelsOf, placeFor } from "./wasm.js";
import { compiled, isCompiled, isOffered } from "./wasm-builds.js";

/**
 * Creates a backend's kernels for a model that may never be trained: those that run it, until {@link KernelInstance.complete}. All
 * of them where the others are there already, or no such build is offered.
 */
export async function createForwardKernels(backend: WasmBackend): Promise<KernelInstance> {
  const { instance, wasmMemory, build: whole, module } = placeFor(backend);
  const forward = `forward-${whole}` as const;
  if (isCompiled(whole) || !isOffered(forward))
    return { ...instance, kernels: kernelsOf(await module(), wasmMemory, whole) };
  const kernels = { ...kernelsOf(await compiled(forward), wasmMemory, forward) };
  const complete = async () => {
    // Their constants lie elsewhere, so that both could run; but one set of compiled code is enough.
    if (!kernels.lstmBackward) Object.assign(kernels, kernelsOf(await module(), wasmMemory, whole));
  };
  return { ...instance, kernels, complete };
}
