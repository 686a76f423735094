import { afterEach, describe, expect, test, vi } from "vitest";
import { indexOf } from "../bytes.js";
import { BackendError, OptionError } from "../internals/common.js";
import { availableBackends, BACKENDS, type Backend, createKernels } from "../internals/kernels.js";
import { readBuild } from "./read-build.js";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Makes this a host that refuses every module with this code in it. */
function refuseModulesWith(...code: number[]) {
  const { validate } = WebAssembly;
  vi.spyOn(WebAssembly, "validate").mockImplementation(
    (bytes) => indexOf(bytes as Uint8Array<ArrayBuffer>, code) < 0 && validate(bytes),
  );
}

/** Opcodes, in LEB128. */
const RELAXED_MADD = [0xfd, 0x85, 0x02];
const SIMD_PREFIX = [0xfd];

test("a backend is available exactly if its build is a valid module", async () => {
  const valid: Backend[] = [];
  for (const backend of BACKENDS)
    if (backend === "javascript" || WebAssembly.validate(await readBuild(backend))) valid.push(backend);
  expect([...availableBackends()].sort()).toEqual(valid.sort());
});

test.each(availableBackends())("%s is used if requested", async (backend) => {
  expect((await createKernels(backend)).backend).toBe(backend);
});

test("relaxed-simd comes first only where the engine runs it faster", () => {
  // RegExp.escape came with V8 13.6, and so with Node 24.
  const isNew = typeof process === "undefined" || Number.parseInt(process.versions.node, 10) >= 24;
  const fast = availableBackends().filter((backend) => backend !== "javascript");
  expect(fast.length < 2 || fast[0] === (isNew ? "relaxed-simd" : "simd")).toBe(true);
});

test("auto, the default, takes the first available backend", async () => {
  expect((await createKernels("auto")).backend).toBe(availableBackends()[0]);
  expect((await createKernels()).backend).toBe(availableBackends()[0]);
});

test("an unknown name is an OptionError that lists the names", async () => {
  const wanted = createKernels("cuda" as Backend);
  await expect(wanted).rejects.toThrow(OptionError);
  await expect(wanted).rejects.toThrow('backend: expected one of auto, relaxed-simd, simd, javascript, got "cuda"');
});

describe("on a host without relaxed SIMD", () => {
  test("simd is the fastest", async () => {
    refuseModulesWith(...RELAXED_MADD);
    expect(availableBackends()).toEqual(["simd", "javascript"]);
    expect((await createKernels()).backend).toBe("simd");
  });

  test("relaxed-simd is a BackendError that says what is available, and what relaxed-simd needs", async () => {
    refuseModulesWith(...RELAXED_MADD);
    const wanted = createKernels("relaxed-simd");
    await expect(wanted).rejects.toThrow(BackendError);
    await expect(wanted).rejects.toThrow(/available: simd, javascript \(relaxed-simd needs Node 22/);
  });
});

test("without vector instructions, only javascript is available", async () => {
  refuseModulesWith(...SIMD_PREFIX);
  expect(availableBackends()).toEqual(["javascript"]);
  expect((await createKernels()).backend).toBe("javascript");
  await expect(createKernels("simd")).rejects.toThrow(BackendError);
});

test("without WebAssembly, only javascript is available", async () => {
  vi.stubGlobal("WebAssembly", undefined);
  expect(availableBackends()).toEqual(["javascript"]);
  expect((await createKernels()).backend).toBe("javascript");
});
