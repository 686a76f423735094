import type { WasmBackend } from "./kernels.js";

// What this host can run.

const MAGIC_AND_VERSION = [0, 97, 115, 109, 1, 0, 0, 0];

/** The smallest module with some code, of fewer than 124 bytes: (func (param v128) …). */
const moduleOf = (...code: number[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.of(
    ...MAGIC_AND_VERSION,
    ...[1, 5, 1, 96, 1, 123, 0], // type section: (v128) → ()
    ...[3, 2, 1, 0], // function section
    ...[10, code.length + 4, 1, code.length + 2, 0, ...code, 11], // code section: one function without locals
  );

/** Whether this host knows the instructions of a backend. */
export const isRunnable = (backend: WasmBackend): boolean =>
  WebAssembly.validate(
    backend === "simd"
      ? moduleOf(32, 0, 32, 0, 253, 228, 1, 26) // (drop (f32x4.add …)) is 0xfd 0xe4
      : moduleOf(32, 0, 32, 0, 32, 0, 253, 133, 2, 26), // (drop (f32x4.relaxed_madd …)) is 0xfd 0x105
  );

/** A page's Content-Security-Policy can forbid compiling WebAssembly. */
export function isWasmAllowed(): boolean {
  try {
    return new WebAssembly.Module(Uint8Array.from(MAGIC_AND_VERSION)) !== undefined;
  } catch {
    return false;
  }
}
