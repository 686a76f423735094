import { readFile } from "node:fs/promises";
import type { WasmBackend } from "./kernels.js";

/** The bytes of a build of `assembly/`, which lies two folders up from this file, in `build/`. */
export function readModule(backend: WasmBackend): Promise<Uint8Array<ArrayBuffer>> {
  return readFile(new URL(`../../build/${backend}.wasm`, import.meta.url));
}
