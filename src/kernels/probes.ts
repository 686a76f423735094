import type { WasmBackend } from "./kernels.js";

// What this host can run.

/** The smallest module with one relaxed instruction: (func (param v128) (drop (f32x4.relaxed_madd …))). */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0], // magic, version 1
  ...[1, 5, 1, 96, 1, 123, 0], // type section: (v128) → ()
  ...[3, 2, 1, 0], // function section
  ...[10, 14, 1, 12, 0, 32, 0, 32, 0, 32, 0, 253, 133, 2, 26, 11], // code: relaxed_madd is 0xfd 0x105
);

/** The same with f32x4.add. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 5, 1, 96, 1, 123, 0],
  ...[3, 2, 1, 0],
  ...[10, 12, 1, 10, 0, 32, 0, 32, 0, 253, 228, 1, 26, 11], // f32x4.add is 0xfd 0xe4
);

/** The smallest module of all. */
const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** Whether this host knows the instructions of a backend. */
export const isRunnable = (backend: WasmBackend): boolean =>
  WebAssembly.validate(backend === "simd" ? SIMD_PROBE : RELAXED_PROBE);

/** A page's Content-Security-Policy can forbid compiling WebAssembly. */
export function isWasmAllowed(): boolean {
  try {
    return new WebAssembly.Module(EMPTY) !== undefined;
  } catch {
    return false;
  }
}
