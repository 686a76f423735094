import { builds } from "#files";
import { readBytes } from "#platform";
import type { WasmBuild } from "../../src/platform/platform.js";

/** The bytes of a .wasm file, on any host. */
export async function readBuild(build: WasmBuild): Promise<Uint8Array<ArrayBuffer>> {
  const file = builds[build]();
  return file instanceof URL ? readBytes(file) : file;
}
