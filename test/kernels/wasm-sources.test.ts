import { afterAll, afterEach, expect, test, vi } from "vitest";
import { builds } from "#files";
import { canShareMemory } from "#platform";
import { indexOf } from "../bytes.js";
import { BackendError, OptionError } from "../internals/common.js";
import {
  availableBackends,
  createKernels,
  KERNEL_ABI,
  setWasmSources,
  type WasmSource,
  type WasmSources,
} from "../internals/kernels.js";
import { WASM_BUILDS, type WasmBuild } from "../internals/platform.js";
import { readBuild } from "./read-build.js";

const simd = await readBuild("simd");
const shared = await readBuild("simd-shared");
const respond = (bytes: BodyInit, type: string, status = 200) =>
  new Response(bytes, { status, headers: { "content-type": type } });

afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => setWasmSources(builds));

test.each<[string, (bytes: Uint8Array<ArrayBuffer>) => WasmSources[WasmBuild]]>([
  ["a compiled module", (bytes) => new WebAssembly.Module(bytes)],
  ["the bytes", (bytes) => bytes],
  ["an ArrayBuffer", (bytes) => bytes.slice().buffer],
  ["a response", (bytes) => respond(bytes, "application/wasm")],
  ["a response of the wrong type", (bytes) => respond(bytes, "text/plain")],
  ["a promise of a response", async (bytes) => respond(bytes, "application/wasm")],
  ["a URL", (bytes) => new URL(`data:application/wasm;base64,${btoa(String.fromCharCode(...bytes))}`)],
  ["a URL in a string", (bytes) => `data:application/wasm;base64,${btoa(String.fromCharCode(...bytes))}`],
  ["a function that brings it", (bytes) => () => Promise.resolve(bytes)],
])("kernels are given as %s", async (_, sourceOf) => {
  setWasmSources({ simd: sourceOf(simd), "simd-shared": sourceOf(shared) });
  const { backend, kernels, memory, share } = await createKernels("simd");
  expect(backend).toBe("simd");
  expect(kernels.sumOfSquares(memory.base, 4)).toBe(0);
  expect(share !== undefined).toBe(canShareMemory());
});

test("a build's source is requested once, when it is needed, whatever the number of models", async () => {
  const bring = vi.fn(() => simd);
  const never = vi.fn(() => simd);
  setWasmSources({ simd: bring, "relaxed-simd": never });
  expect(bring).not.toHaveBeenCalled();
  await Promise.all([createKernels("simd"), createKernels("simd")]);
  await createKernels("simd");
  expect(bring).toHaveBeenCalledOnce();
  expect(never).not.toHaveBeenCalled();
});

test("only the given builds are used: without a shared build, memory is not shared", async () => {
  setWasmSources({ simd });
  expect(availableBackends()).toEqual(["simd", "javascript"]);
  const { backend, share } = await createKernels();
  expect([backend, share]).toEqual(["simd", undefined]);
  await expect(createKernels("relaxed-simd")).rejects.toThrow(BackendError);
});

test.each<[string, WasmSource, RegExp]>([
  [
    "no WebAssembly",
    new TextEncoder().encode("<!doctype html>"),
    /simd\.wasm\) cannot be loaded: .*setWasmSources\(\)/,
  ],
  ["some other module", Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0), /not one of this library's/],
  ["a response that brings nothing", respond("", "text/html", 404), /404/],
  ["a build for another kind of memory", shared, /the source of simd\.wasm is not that build/],
])("%s is a BackendError that says what to do", async (_, simd, message) => {
  setWasmSources({ simd });
  const wanted = createKernels("simd");
  await expect(wanted).rejects.toThrow(BackendError);
  await expect(wanted).rejects.toThrow(message);
});

/** A build whose number of the kernel interface is another, or that has none. */
function renumbered(bytes: Uint8Array<ArrayBuffer>, name: string): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  const [from, to] = [`abi_${KERNEL_ABI}`, name].map((text) => new TextEncoder().encode(text)) as [
    Uint8Array,
    Uint8Array,
  ];
  expect(to).toHaveLength(from.length);
  copy.set(to, indexOf(copy, [...from]));
  return copy;
}

test.each([
  ["an older version", "abi_0", /kernel ABI 0, expected \d+/],
  ["a newer version", "abi_9", /kernel ABI 9, expected \d+/],
  ["a version before there were numbers", "abiXX", /kernel ABI none, expected \d+/],
])("kernels of %s are rejected by name", async (_, name, message) => {
  setWasmSources({ simd: renumbered(simd, name), "simd-shared": renumbered(shared, name) });
  const wanted = createKernels("simd");
  await expect(wanted).rejects.toThrow(BackendError);
  await expect(wanted).rejects.toThrow(message);
  await expect(wanted).rejects.toThrow(
    /^the kernels \(simd(-shared)?\.wasm\) cannot be loaded: it belongs to another version of lstm-wasm .*reload/,
  );
});

test("a failed source is retried", async () => {
  let tries = 0;
  setWasmSources({ simd: () => (tries++ === 0 ? new Uint8Array(8) : simd) });
  await expect(createKernels("simd")).rejects.toThrow(BackendError);
  expect((await createKernels("simd")).backend).toBe("simd");
});

test("a late failure does not remove newer sources", async () => {
  let fail = (_: Error) => {};
  const late = new Promise<never>((_, reject) => {
    fail = reject;
  });
  setWasmSources({ simd: late });
  const first = createKernels("simd");
  setWasmSources({ simd: respond(simd, "application/wasm") });
  await createKernels("simd");
  fail(new Error("too late"));
  await expect(first).rejects.toThrow("too late");
  expect((await createKernels("simd")).backend).toBe("simd");
});

test("a source that fails early is reported when it is requested", async () => {
  setWasmSources({ simd: Promise.reject(new Error("no network")) });
  await new Promise((resolve) => setTimeout(resolve, 10));
  await expect(createKernels("simd")).rejects.toThrow("no network");
});

test("a build for another kind of memory than the host's is reported as missing", async () => {
  setWasmSources(canShareMemory() ? { "relaxed-simd": simd } : { "simd-shared": shared });
  await expect(createKernels("simd")).rejects.toThrow("setWasmSources() was given no suitable build");
});

test("an unknown build is an OptionError, and so are no builds at all", () => {
  expect(() => setWasmSources({ sse: simd } as WasmSources)).toThrow(OptionError);
  expect(() => setWasmSources({ sse: simd } as WasmSources)).toThrow(WASM_BUILDS.join(", "));
  expect(() => setWasmSources({})).toThrow(OptionError);
});

test("requesting the javascript backend logs no warning", async () => {
  const said = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect((await createKernels("javascript")).backend).toBe("javascript");
  expect(said).not.toHaveBeenCalled();
});
