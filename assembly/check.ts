// What exported kernels assert of their arguments. Only the debug build keeps it (asconfig.json): the tests run on that
// too, since a wrong size or address does not always show in a result. With noAssert nothing is left of it; assert()
// alone would leave behind what looks at the memory's size, which another thread may change.

const VECTOR: usize = 16;

/** Whether it is a size along which there is no tail. */
@inline
export function isPadded(n: i32): bool {
  return ASC_NO_ASSERT ? true : n > 0 && (n & 3) == 0;
}

/** Whether [a, b, c] floats lie in memory, beyond the kernels' constants, from an address that a vector has. */
@inline
export function isVector(address: usize, a: i32, b: i32 = 1, c: i32 = 1): bool {
  return ASC_NO_ASSERT ? true : address % VECTOR == 0 && isArray(address, a, b, c);
}

/** Whether [a, b, c] numbers of 32 bits lie in memory, beyond the kernels' constants. */
@inline
export function isArray(address: usize, a: i32, b: i32 = 1, c: i32 = 1): bool {
  return ASC_NO_ASSERT ? true : address % <usize>sizeof<f32>() == 0 && address >= __heap_base && a >= 0 && b >= 0 && c >= 0 &&
    <f64>a * b * c <= bytesFrom(address) / <usize>sizeof<f32>();
}

/** Whether all of these numbers are at least 0 and below a limit. */
@inline
export function areBelow(numbers: usize, n: i32, limit: f64): bool {
  if (ASC_NO_ASSERT) return true;
  for (let i = 0; i < n; i++) if (<f64>load<u32>(numbers + (<usize>i << 2)) >= limit) return false;
  return true;
}

/** How many whole rows a matrix can have where it lies. */
@inline
export function rowsFrom(matrix: usize, columns: i32): f64 {
  return ASC_NO_ASSERT ? 0 : floor<f64>(bytesFrom(matrix) / columns / <usize>sizeof<f32>());
}

/** Bytes of memory from an address on. In float64, where nothing wraps. */
@inline
function bytesFrom(address: usize): f64 {
  return <f64>memory.size() * 65536 - <f64>address;
}
