import { expect, test } from "vitest";
import type { WasmBuild } from "../internals/platform.js";
import { IMPORTS, readBuild, sections } from "./read-build.js";

test.each(["simd", "relaxed-simd"] as const)("%s: the build for shared memory has the same code", async (build) => {
  const [own, shared] = [sections(await readBuild(build)), sections(await readBuild(`${build}-shared` as WasmBuild))];
  expect([...own.keys()]).toEqual([...shared.keys()]);
  for (const [id, section] of own) if (id !== IMPORTS) expect(shared.get(id)).toEqual(section);
  expect(own.get(IMPORTS)).not.toEqual(shared.get(IMPORTS));
});

test.each(["simd", "simd-shared", "relaxed-simd", "relaxed-simd-shared"] as const)(
  "%s is smaller than 24 KB",
  async (build) => {
    expect((await readBuild(build)).length).toBeLessThan(24_000);
  },
);
