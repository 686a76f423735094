import { createWorker } from "#files";
import type { StartWorker } from "./platform.js";

export const startWorker: StartWorker = (init, onFailure) =>
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
