import { runWorker, type WorkerInit } from "./worker.js";

addEventListener("message", ({ data }: MessageEvent<WorkerInit>) => runWorker(data, () => postMessage("ready")), {
  once: true,
});
addEventListener("messageerror", () => {
  throw new Error("the worker thread could not read its initial message");
});
