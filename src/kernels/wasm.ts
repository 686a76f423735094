import { canShareMemory } from "#platform";
import { BackendError } from "../common/errors.js";
import type { WasmBuild } from "../platform/platform.js";
import { instantiate } from "./instantiate.js";
import type { KernelInstance, KernelMemory, Kernels, WasmBackend } from "./kernels.js";
import { type ScratchBytes, wasmScratch } from "./scratch.js";
import { compiled, compiledLater, isOffered } from "./wasm-builds.js";

const PAGE = 65536;
/** V8 reserves guard pages around every memory, whatever its size. */
const NO_ADDRESSES = "about 10 GiB of addresses are needed: raise ulimit -v, or choose the backend javascript";
/** The range of 32-bit addresses. */
const MAXIMUM_PAGES = 65536;

/** Whether a backend has a build for the kind of memory that this host offers. */
export const isLoadable = (backend: WasmBackend): boolean => isOffered(backend) || sharesMemory(backend);

const sharesMemory = (backend: WasmBackend): boolean => canShareMemory() && isOffered(`${backend}-shared`);

/** Creates a backend's kernels over a new memory. The module is read and compiled once for all models. */
export async function createWasmKernels(backend: WasmBackend): Promise<KernelInstance> {
  const { instance, wasmMemory, build, module } = placeFor(backend);
  return { ...instance, kernels: kernelsOf(await module(), wasmMemory, build) };
}

/** A new memory for a backend, the build of all its kernels that fits it, and the rest of an instance. */
export function placeFor(backend: WasmBackend) {
  const wasmMemory = createMemory(sharesMemory(backend));
  const isShared = !(wasmMemory.buffer instanceof ArrayBuffer);
  const build = isShared ? (`${backend}-shared` as const) : backend;
  const module = compiledLater(build);
  const instance = {
    backend,
    memory: new WasmMemory(wasmMemory),
    scratchBytes: wasmScratch,
    ...(isShared ? { share: { module, memory: wasmMemory } } : {}),
  };
  return { wasmMemory, build, module, instance };
}

/** Creates the kernels of one build over a new memory of its own. */
export async function createUnsharedKernels(
  backend: WasmBackend,
  build: WasmBuild,
  scratchBytes: ScratchBytes,
): Promise<KernelInstance> {
  const memory = createMemory(false);
  const kernels = kernelsOf(await compiled(build), memory, build);
  return { backend, kernels, memory: new WasmMemory(memory), scratchBytes };
}

/** @throws BackendError if the module needs another kind of memory */
export function kernelsOf(module: WebAssembly.Module, memory: WebAssembly.Memory, build: WasmBuild): Kernels {
  try {
    return instantiate(module, memory);
  } catch (cause) {
    throw new BackendError(`the source of ${build}.wasm is not that build: ${(cause as Error).message}`, { cause });
  }
}

/**
 * @param shared whether threads should share it; if the host has no room for shared memory, it is not shared
 * @throws BackendError if there are no addresses for one
 */
function createMemory(shared: boolean): WebAssembly.Memory {
  const size = { initial: 1, maximum: MAXIMUM_PAGES };
  if (shared) {
    try {
      return new WebAssembly.Memory({ ...size, shared: true });
    } catch {
      // Some hosts reserve all addresses of a shared memory at once, and lack so many.
    }
  }
  try {
    return new WebAssembly.Memory(size);
  } catch {
    throw new BackendError(NO_ADDRESSES);
  }
}

class WasmMemory implements KernelMemory {
  /** Below it are the kernels' constants. Address 0 is unused, because it stands for "none". */
  readonly base = 1024;

  /** Kept: engines take long to give it out, and several are needed at each step. */
  buffer: ArrayBufferLike;

  constructor(private readonly memory: WebAssembly.Memory) {
    this.buffer = memory.buffer;
  }

  /** Nobody else lets the memory grow. */
  reserve(bytes: number): void {
    const pages = Math.ceil((bytes - this.buffer.byteLength) / PAGE);
    if (pages <= 0) return;
    this.memory.grow(pages);
    this.buffer = this.memory.buffer;
  }
}
