import { expect, test, vi } from "vitest";
import { BackendError } from "../internals/common.js";
import { availableBackends, createKernels } from "../internals/kernels.js";

// A warning appears once, even for several test files that share a page.

test("where WebAssembly is forbidden the javascript backend takes over, with one warning", async () => {
  const said = vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.spyOn(WebAssembly, "Module").mockImplementation(function forbidden() {
    throw new WebAssembly.CompileError("violates the Content Security Policy");
  });
  expect(availableBackends()).toEqual(["javascript"]);
  for (let i = 0; i < 2; i++) expect((await createKernels()).backend).toBe("javascript");
  expect(said).toHaveBeenCalledOnce();
  expect(said.mock.calls[0]![0]).toContain("wasm-unsafe-eval");
  await expect(createKernels("simd")).rejects.toThrow(BackendError);
});
