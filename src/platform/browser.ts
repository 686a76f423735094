import { createWorker } from "#files";
import type { Platform } from "./platform.js";

export const readBytes: Platform["readBytes"] = async (url) => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
};

export const availableThreads: Platform["availableThreads"] = () => navigator.hardwareConcurrency || 1;

/** WebKitGTK's browser has no SharedArrayBuffer, though it calls the page isolated. */
export const canShareMemory: Platform["canShareMemory"] = () =>
  globalThis.crossOriginIsolated === true && typeof SharedArrayBuffer === "function";

export const startWorker: Platform["startWorker"] = (init, onFailure) =>
  new Promise((resolve, reject) => {
    const worker = createWorker();
    let fail = reject;
    // An error does not end a page's worker.
    const failed = (cause: Error) => {
      worker.terminate();
      fail(cause);
    };
    worker.onmessage = () => {
      fail = onFailure;
      resolve(async () => worker.terminate());
    };
    worker.onerror = (event) => {
      event.preventDefault();
      failed(new Error(event.message || "the worker script could not be loaded"));
    };
    try {
      worker.postMessage(init);
    } catch (cause) {
      failed(cause as Error);
    }
  });
