import { runWorker, type WorkerInit } from "./worker.js";

// One piece of work after another: between them it waits in its event loop.
addEventListener("message", ({ data }: MessageEvent<WorkerInit>) => runWorker(data, () => postMessage("ready")));
addEventListener("messageerror", () => {
  throw new Error("the worker thread could not read its initial message");
});
