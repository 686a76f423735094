import { runWorker, type WorkerInit } from "./worker.js";

addEventListener("message", ({ data }: MessageEvent<WorkerInit>) => runWorker(data, () => postMessage("ready")), {
  once: true,
});
addEventListener("messageerror", () => {
  throw new Error("the thread cannot read what it is to do");
});
