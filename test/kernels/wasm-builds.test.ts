import { expect, test } from "vitest";
import type { WasmBuild } from "../../src/platform/platform.js";
import { readBuild } from "./read-build.js";

const IMPORT_SECTION = 2;

/** The sections of a WebAssembly module, by their numbers. */
function sections(bytes: Uint8Array): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at++]!;
    let size = 0;
    let shift = 0;
    // LEB128
    for (let more = true; more; shift += 7) {
      more = (bytes[at]! & 0x80) !== 0;
      size |= (bytes[at++]! & 0x7f) << shift;
    }
    found.set(id, bytes.subarray(at, at + size));
    at += size;
  }
  return found;
}

test.each(["simd", "relaxed-simd"] as const)("%s: the build for shared memory has the same code", async (build) => {
  const [own, shared] = [sections(await readBuild(build)), sections(await readBuild(`${build}-shared` as WasmBuild))];
  expect([...own.keys()]).toEqual([...shared.keys()]);
  for (const [id, section] of own) if (id !== IMPORT_SECTION) expect(shared.get(id)).toEqual(section);
  expect(own.get(IMPORT_SECTION)).not.toEqual(shared.get(IMPORT_SECTION));
});

test.each(["simd", "simd-shared", "relaxed-simd", "relaxed-simd-shared"] as const)(
  "%s is smaller than 24 KB",
  async (build) => {
    expect((await readBuild(build)).length).toBeLessThan(24_000);
  },
);
