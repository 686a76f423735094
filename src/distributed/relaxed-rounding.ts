/**
 * f32x4.relaxed_madd(a, b, c) of its two arguments, a = b and c:
 *
 *     (func (export "madd") (param f32 f32) (result f32)
 *       (f32x4.extract_lane 0
 *         (f32x4.relaxed_madd (f32x4.splat (local.get 0)) (f32x4.splat (local.get 0)) (f32x4.splat (local.get 1)))))
 */
// biome-ignore format: bytes by section
const MADD = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
  0x01, 0x07, 0x01, 0x60, 0x02, 0x7d, 0x7d, 0x01, 0x7d,
  0x03, 0x02, 0x01, 0x00,
  0x07, 0x08, 0x01, 0x04, 0x6d, 0x61, 0x64, 0x64, 0x00, 0x00,
  0x0a, 0x16, 0x01, 0x14, 0x00,
  0x20, 0x00, 0xfd, 0x13, 0x20, 0x00, 0xfd, 0x13, 0x20, 0x01, 0xfd, 0x13,
  0xfd, 0x85, 0x02, 0xfd, 0x1f, 0x00, 0x0b,
);

/**
 * Whether this processor fuses a multiplication with an addition, which relaxed SIMD leaves open. Processes that update
 * copies of the same parameters must round alike.
 */
export function relaxedRounding(): "fused" | "in two steps" {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MADD));
  const madd = exports["madd"] as (factor: number, term: number) => number;
  // (1 + ε)² − (1 + 2ε) is ε² exactly, and 0 if the square is rounded first.
  const epsilon = 2 ** -13;
  return madd(1 + epsilon, -(1 + 2 * epsilon)) === 0 ? "in two steps" : "fused";
}
