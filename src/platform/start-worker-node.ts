import { Worker } from "node:worker_threads";
import type { StartWorker } from "./platform.js";

export const startWorker: StartWorker = (init, onFailure) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("../bundle/worker-node.js", import.meta.url), { workerData: init });
    let fail = reject;
    worker.once("message", () => {
      // Not earlier, or an otherwise idle process would exit while the caller waits for the thread.
      worker.unref();
      fail = onFailure;
      resolve({
        terminate() {
          fail = () => {};
          return worker.terminate();
        },
      });
    });
    worker.once("error", (cause) => fail(cause));
    worker.once("exit", (code) => fail(new Error(`the thread exited with code ${code}`)));
  });
