import { instantiateSync } from "@assemblyscript/loader";
import { canShareMemory } from "#platform";
import { BackendError, OutOfMemoryError } from "../common/errors.js";
import type { WasmBuild } from "../platform/platform.js";
import type { KernelInstance, KernelMemory, Kernels, WasmBackend } from "./kernels.js";
import { wasmScratch } from "./scratch.js";
import { compiled, isOffered } from "./wasm-builds.js";

const PAGE = 65536;
/** What 32-bit addresses reach. */
const MAXIMUM_PAGES = 65536;

/** Whether a backend has a build for the memory that this host gives. */
export const isLoadable = (backend: WasmBackend): boolean => isOffered(backend) || sharesMemory(backend);

const sharesMemory = (backend: WasmBackend): boolean => canShareMemory() && isOffered(`${backend}-shared`);

/** A fresh memory with a backend's kernels over it. The module is read and compiled once, whatever the number of models. */
export async function createWasmKernels(backend: WasmBackend): Promise<KernelInstance> {
  const memory = createMemory(sharesMemory(backend));
  const isShared = !(memory.buffer instanceof ArrayBuffer);
  const build = isShared ? (`${backend}-shared` as const) : backend;
  const module = await compiled(build);
  return {
    backend,
    kernels: instantiate(module, memory, build),
    memory: new WasmMemory(memory),
    scratchBytes: wasmScratch,
    ...(isShared ? { share: { module, memory } } : {}),
  };
}

/** @throws BackendError where the module wants another kind of memory */
function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory, build: WasmBuild): Kernels {
  try {
    // The loader's asynchronous form looks for a Response, for which Node loads all of fetch: 20 ms.
    return instantiateSync(module, { env: { memory } }).instance.exports as unknown as Kernels;
  } catch (cause) {
    throw new BackendError(`what was given as ${build}.wasm does not fit: ${(cause as Error).message}`, { cause });
  }
}

/**
 * @param shared whether threads are to share it; where the host has no room for such, they cannot
 * @throws OutOfMemoryError where it has none at all
 */
function createMemory(shared: boolean): WebAssembly.Memory {
  const size = { initial: 1, maximum: MAXIMUM_PAGES };
  if (shared) {
    try {
      return new WebAssembly.Memory({ ...size, shared: true });
    } catch {
      // Some hosts take all of a shared memory's addresses at once, and have not got so many.
    }
  }
  try {
    return new WebAssembly.Memory(size);
  } catch {
    throw new OutOfMemoryError(PAGE);
  }
}

class WasmMemory implements KernelMemory {
  /** Below lie the kernels' constants. Address 0 stays unused, since it stands for "none". */
  readonly base = 1024;

  constructor(private readonly memory: WebAssembly.Memory) {}

  get buffer(): ArrayBufferLike {
    return this.memory.buffer;
  }

  reserve(bytes: number): void {
    const pages = Math.ceil((bytes - this.memory.buffer.byteLength) / PAGE);
    if (pages > 0) this.memory.grow(pages);
  }
}
