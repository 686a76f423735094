import { createWorker } from "#files";
import type { StartWorker } from "./platform.js";

/** Workers that are not ready yet: Firefox may collect one that nothing refers to before its first message arrives. */
const starting = new Set<Worker>();

export const startWorker: StartWorker = (init, onFailure) =>
  new Promise((resolve, reject) => {
    const worker = createWorker();
    starting.add(worker);
    let fail = reject;
    // An error does not end a page's worker.
    const failed = (cause: Error) => {
      starting.delete(worker);
      worker.terminate();
      fail(cause);
    };
    worker.onmessage = () => {
      starting.delete(worker);
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
