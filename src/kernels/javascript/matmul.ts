// Offsets count float32 elements of f, the whole memory. N, K and H are multiples of four.

/** C += A·B, in blocks of 2 × 4. c [M, N], a [M, K], b [K, N] */
export function multiply(f: Float32Array, c: number, a: number, b: number, M: number, N: number, K: number): void {
  let m = 0;
  for (; m + 1 < M; m += 2) {
    const a0 = a + m * K;
    const a1 = a0 + K;
    for (let n = 0; n < N; n += 4) {
      const c0 = c + m * N + n;
      const c1 = c0 + N;
      let s00 = f[c0]!;
      let s01 = f[c0 + 1]!;
      let s02 = f[c0 + 2]!;
      let s03 = f[c0 + 3]!;
      let s10 = f[c1]!;
      let s11 = f[c1 + 1]!;
      let s12 = f[c1 + 2]!;
      let s13 = f[c1 + 3]!;
      for (let k = 0, at = b + n; k < K; k++, at += N) {
        const x0 = f[a0 + k]!;
        const x1 = f[a1 + k]!;
        const w0 = f[at]!;
        const w1 = f[at + 1]!;
        const w2 = f[at + 2]!;
        const w3 = f[at + 3]!;
        s00 += x0 * w0;
        s01 += x0 * w1;
        s02 += x0 * w2;
        s03 += x0 * w3;
        s10 += x1 * w0;
        s11 += x1 * w1;
        s12 += x1 * w2;
        s13 += x1 * w3;
      }
      f[c0] = s00;
      f[c0 + 1] = s01;
      f[c0 + 2] = s02;
      f[c0 + 3] = s03;
      f[c1] = s10;
      f[c1 + 1] = s11;
      f[c1 + 2] = s12;
      f[c1 + 3] = s13;
    }
  }
  if (m < M) multiplyColumns(f, c + m * N, a + m * K, b, N, N, K);
}

/** c += a·B, some columns of one row. c [columns], a [K], b [K, columns] within [K, N] */
export function multiplyColumns(
  f: Float32Array,
  c: number,
  a: number,
  b: number,
  columns: number,
  N: number,
  K: number,
): void {
  for (let n = 0; n < columns; n += 4) {
    let s0 = f[c + n]!;
    let s1 = f[c + n + 1]!;
    let s2 = f[c + n + 2]!;
    let s3 = f[c + n + 3]!;
    for (let k = 0, at = b + n; k < K; k++, at += N) {
      const x = f[a + k]!;
      s0 += x * f[at]!;
      s1 += x * f[at + 1]!;
      s2 += x * f[at + 2]!;
      s3 += x * f[at + 3]!;
    }
    f[c + n] = s0;
    f[c + n + 1] = s1;
    f[c + n + 2] = s2;
    f[c + n + 3] = s3;
  }
}

/** C = A·Bᵀ, four dot products at a time. c [M, N], a [M, K], b [N, K] */
export function multiplyTransposedRight(
  f: Float32Array,
  c: number,
  a: number,
  b: number,
  M: number,
  N: number,
  K: number,
): void {
  for (let m = 0; m < M; m++) {
    const row = a + m * K;
    for (let n = 0; n < N; n += 4) {
      const b0 = b + n * K;
      const b1 = b0 + K;
      const b2 = b1 + K;
      const b3 = b2 + K;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let k = 0; k < K; k++) {
        const x = f[row + k]!;
        s0 += x * f[b0 + k]!;
        s1 += x * f[b1 + k]!;
        s2 += x * f[b2 + k]!;
        s3 += x * f[b3 + k]!;
      }
      const at = c + m * N + n;
      f[at] = s0;
      f[at + 1] = s1;
      f[at + 2] = s2;
      f[at + 3] = s3;
    }
  }
}

/** C = Aᵀ·B, in blocks of 2 × 4. c [M, N], a [K, M], b [K, N], M a multiple of four */
export function multiplyTransposedLeft(
  f: Float32Array,
  c: number,
  a: number,
  b: number,
  M: number,
  N: number,
  K: number,
): void {
  for (let m = 0; m < M; m += 2) {
    for (let n = 0; n < N; n += 4) {
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      for (let k = 0, at = b + n, from = a + m; k < K; k++, at += N, from += M) {
        const x0 = f[from]!;
        const x1 = f[from + 1]!;
        const y0 = f[at]!;
        const y1 = f[at + 1]!;
        const y2 = f[at + 2]!;
        const y3 = f[at + 3]!;
        s00 += x0 * y0;
        s01 += x0 * y1;
        s02 += x0 * y2;
        s03 += x0 * y3;
        s10 += x1 * y0;
        s11 += x1 * y1;
        s12 += x1 * y2;
        s13 += x1 * y3;
      }
      const c0 = c + m * N + n;
      const c1 = c0 + N;
      f[c0] = s00;
      f[c0 + 1] = s01;
      f[c0 + 2] = s02;
      f[c0 + 3] = s03;
      f[c1] = s10;
      f[c1 + 1] = s11;
      f[c1 + 2] = s12;
      f[c1 + 3] = s13;
    }
  }
}

/** out = the sum of all rows of x. out [N], x [M, N] */
export function sumRows(f: Float32Array, out: number, x: number, M: number, N: number): void {
  for (let n = 0; n < N; n++) {
    let sum = 0;
    for (let m = 0, at = x + n; m < M; m++, at += N) sum += f[at]!;
    f[out + n] = sum;
  }
}

/** out = the sum of listed rows, four columns at a time. out [N], list [M] with the offset of each row */
export function sumListedRows(f: Float32Array, out: number, ids: Int32Array, list: number, M: number, N: number): void {
  for (let n = 0; n < N; n += 4) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let m = 0; m < M; m++) {
      const at = ids[list + m]! + n;
      s0 += f[at]!;
      s1 += f[at + 1]!;
      s2 += f[at + 2]!;
      s3 += f[at + 3]!;
    }
    f[out + n] = s0;
    f[out + n + 1] = s1;
    f[out + n + 2] = s2;
    f[out + n + 3] = s3;
  }
}
