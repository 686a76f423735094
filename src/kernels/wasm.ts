import { instantiate } from "@assemblyscript/loader";
import { BackendError, OutOfMemoryError } from "../errors.js";
import type { KernelInstance, KernelMemory, Kernels, WasmBackend } from "./kernels.js";
import { readModule } from "./module.js";

const PAGE = 65536;
/** What 32-bit addresses reach. */
const MAXIMUM_PAGES = 65536;

const modules = new Map<WasmBackend, Promise<WebAssembly.Module>>();

/** A fresh memory with a backend's kernels over it. The module is read and compiled once, whatever the number of models. */
export async function createWasmKernels(backend: WasmBackend): Promise<KernelInstance> {
  const memory = new WasmMemory();
  const { instance } = await instantiate(await compiled(backend), { env: { memory: memory.memory } });
  return { backend, kernels: instance.exports as unknown as Kernels, memory };
}

function compiled(backend: WasmBackend): Promise<WebAssembly.Module> {
  let module = modules.get(backend);
  if (!module) {
    module = compile(backend);
    modules.set(backend, module);
    // A failure is told to whoever asked, and tried again by the next.
    module.catch(() => modules.delete(backend));
  }
  return module;
}

async function compile(backend: WasmBackend): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(await readModule(backend));
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
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: MAXIMUM_PAGES });

  get buffer(): ArrayBuffer {
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
