import { instantiateSync } from "@assemblyscript/loader";
import { canShareMemory, readModule } from "#platform";
import { BackendError, OutOfMemoryError } from "../errors.js";
import type { Build } from "../platform/platform.js";
import type { KernelInstance, KernelMemory, Kernels, WasmBackend } from "./kernels.js";

const PAGE = 65536;
/** What 32-bit addresses reach. */
const MAXIMUM_PAGES = 65536;

const modules = new Map<Build, Promise<WebAssembly.Module>>();

/** A fresh memory with a backend's kernels over it. The module is read and compiled once, whatever the number of models. */
export async function createWasmKernels(backend: WasmBackend): Promise<KernelInstance> {
  const memory = createMemory();
  const isShared = !(memory.buffer instanceof ArrayBuffer);
  const module = await compiled(backend, isShared ? `${backend}-shared` : backend);
  // The loader's asynchronous form looks for a Response, for which Node loads all of fetch: 20 ms.
  const kernels = instantiateSync(module, { env: { memory } }).instance.exports as unknown as Kernels;
  return { backend, kernels, memory: new WasmMemory(memory), ...(isShared ? { share: { module, memory } } : {}) };
}

/**
 * Memory that threads can share, where the host has such.
 *
 * @throws OutOfMemoryError where it has none at all
 */
function createMemory(): WebAssembly.Memory {
  const size = { initial: 1, maximum: MAXIMUM_PAGES };
  if (canShareMemory()) {
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

function compiled(backend: WasmBackend, build: Build): Promise<WebAssembly.Module> {
  let module = modules.get(build);
  if (!module) {
    module = compile(backend, build);
    modules.set(build, module);
    // A failure is told to whoever asked, and tried again by the next.
    module.catch(() => modules.delete(build));
  }
  return module;
}

async function compile(backend: WasmBackend, build: Build): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(await readModule(build));
  } catch (cause) {
    throw new BackendError(
      `the ${backend} backend cannot be loaded: ${cause instanceof Error ? cause.message : cause}`,
      {
        cause,
      },
    );
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
    if (pages <= 0) return;
    try {
      this.memory.grow(pages);
    } catch {
      throw new OutOfMemoryError(bytes);
    }
  }
}
