import { describe, expect, test } from "vitest";
import { characters } from "../../src/index.js";
import { presets } from "../../src/presets.js";
import { BACKENDS } from "../backends.js";
import { FULL } from "../full.js";
import { learn } from "../soliloquy.js";

test("the text is the soliloquy: 866 characters, 32 of them distinct", () => {
  expect([...presets.hamlet.text]).toHaveLength(866);
  expect(characters(presets.hamlet.text).size).toBe(32);
});

describe("the same bits", () => {
  test.each(BACKENDS)("twice, with %s", async (backend) => {
    const [first, second] = [await learn(backend, 3, 5), await learn(backend, 3, 5)];
    expect(second.losses).toEqual(first.losses);
    for (const { name } of first.model.tensors) expect(second.model.tensor(name)).toEqual(first.model.tensor(name));
  });

  test("on every machine, with simd", async () => {
    const { losses } = await learn("simd", 1, FULL ? 200 : 50);
    // Golden values of this compiler version and these kernels: a change of either may change the last digits.
    const golden = [3.4707312793400935, 3.3631970055530527, 2.9091500252657543, 1.5671168777957085];
    if (FULL) golden.push(0.17723882866269416);
    expect([1, 2, 10, 50, 200].slice(0, golden.length).map((epoch) => losses[epoch - 1])).toEqual(golden);
  });
});
