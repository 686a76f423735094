import { expect } from "vitest";

// Vitest compares typed arrays one element at a time, which takes half a second for a checkpoint of 200 KB. Arrays of the same
// bytes are equal at once; all others are left to Vitest, which says where they differ.

const INSTALLED = Symbol.for("test/setup.ts");

function sameBytes(a: unknown, b: unknown): true | undefined {
  if (!(ArrayBuffer.isView(a) && ArrayBuffer.isView(b))) return undefined;
  if (a.constructor !== b.constructor || a.byteLength !== b.byteLength) return undefined;
  const [these, those] = [a, b].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
  return these!.every((byte, i) => byte === those![i]) || undefined;
}

// Files that share a process or a page also share these.
if (!(INSTALLED in globalThis)) expect.addEqualityTesters([sameBytes]);
Object.assign(globalThis, { [INSTALLED]: true });
