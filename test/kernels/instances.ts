import { instantiateSync } from "@assemblyscript/loader";
import { canShareMemory } from "#platform";
import { availableBackends, type Backend } from "../../src/index.js";
import { BACKENDS } from "../backends.js";
import type { KernelInstance, Kernels } from "../internals/kernels.js";
import { wasmScratch } from "../internals/kernels.js";
import { WASM_BUILDS, type WasmBuild } from "../internals/platform.js";
import { DEBUG, readBuild } from "./read-build.js";

const PAGE = 65536;

/** Where memory is free for use: above the kernels' constants. */
const BASE = 1024;
/** In the debug build, above its messages too. */
const DEBUG_BASE = 32768;

const backendOf = (build: WasmBuild) => build.replace("-shared", "") as Backend;
const isShared = (build: string) => build.endsWith("-shared");

/** The published builds that run on this host, and the debug build. */
export const RUNNABLE_BUILDS: readonly (WasmBuild | typeof DEBUG)[] = [
  ...WASM_BUILDS.filter(
    (build) => availableBackends().includes(backendOf(build)) && (canShareMemory() || !isShared(build)),
  ),
  DEBUG,
];

/** The kernels that tests of kernels go through: those of all backends, and of the debug build. */
export const KERNEL_SETS: readonly (Backend | typeof DEBUG)[] = [...BACKENDS, DEBUG];

/** A build on a memory of its own, whether or not the library would take it on this host. */
export async function instanceOf(build: WasmBuild | typeof DEBUG): Promise<KernelInstance> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: isShared(build) });
  // The loader makes an Error of what an assertion says.
  const { exports } = instantiateSync(await readBuild(build), { env: { memory } }).instance;
  return {
    backend: build === DEBUG ? "simd" : backendOf(build),
    kernels: exports as unknown as Kernels,
    memory: {
      get buffer() {
        return memory.buffer;
      },
      base: build === DEBUG ? DEBUG_BASE : BASE,
      reserve: (bytes) => void memory.grow(Math.max(0, Math.ceil((bytes - memory.buffer.byteLength) / PAGE))),
    },
    scratchBytes: wasmScratch,
  };
}
