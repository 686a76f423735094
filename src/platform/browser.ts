import type { Platform } from "./platform.js";

export const readModule: Platform["readModule"] = async (build) => {
  const response = await fetch(new URL(`../../build/${build}.wasm`, import.meta.url));
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
};

export const availableThreads: Platform["availableThreads"] = () => navigator.hardwareConcurrency || 1;

export const canShareMemory: Platform["canShareMemory"] = () => globalThis.crossOriginIsolated === true;

export const startThread: Platform["startThread"] = (duty, onFailure) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("../threads/browser-thread.js", import.meta.url), { type: "module" });
    let fail = reject;
    // An error does not end a page's worker.
    const failed = (cause: Error) => {
      worker.terminate();
      fail(cause);
    };
    worker.onmessage = () => {
      fail = onFailure;
      resolve(() => worker.terminate());
    };
    worker.onerror = (event) => {
      event.preventDefault();
      failed(new Error(event.message || "the worker's script cannot be loaded"));
    };
    try {
      worker.postMessage(duty);
    } catch (cause) {
      failed(cause as Error);
    }
  });
