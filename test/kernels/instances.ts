import { instantiateSync } from "@assemblyscript/loader";
import { canShareMemory } from "#platform";
import { availableBackends, type Backend } from "../../src/index.js";
import type { KernelInstance, Kernels } from "../../src/kernels/kernels.js";
import { wasmScratch } from "../../src/kernels/scratch.js";
import { BUILDS, type Build } from "../../src/platform/platform.js";
import { readBuild } from "./read-build.js";

const PAGE = 65536;

const backendOf = (build: Build) => build.replace("-shared", "") as Backend;
const isShared = (build: Build) => build.endsWith("-shared");

/** The builds that run on this host. */
export const RUNNABLE_BUILDS = BUILDS.filter(
  (build) => availableBackends().includes(backendOf(build)) && (canShareMemory() || !isShared(build)),
);

/** A build on a memory of its own, whether or not the library would take it on this host. */
export async function instanceOf(build: Build): Promise<KernelInstance> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: isShared(build) });
  const { exports } = instantiateSync(await readBuild(build), { env: { memory } }).instance;
  return {
    backend: backendOf(build),
    kernels: exports as unknown as Kernels,
    memory: {
      get buffer() {
        return memory.buffer;
      },
      base: 1024,
      reserve: (bytes) => void memory.grow(Math.max(0, Math.ceil((bytes - memory.buffer.byteLength) / PAGE))),
    },
    scratchBytes: wasmScratch,
  };
}
