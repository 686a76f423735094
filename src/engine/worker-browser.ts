import { leftovers } from "./leftovers.js";
import { runWorker, type WorkerInit } from "./worker.js";

/** Milliseconds without work after which there is time to clean up. */
const REST = 100;

let resting: ReturnType<typeof setTimeout> | undefined;

addEventListener("message", ({ data }: MessageEvent<WorkerInit>) => {
  clearTimeout(resting);
  runWorker(data, () => postMessage("ready"));
  leftovers.add(data.memory);
  resting = setTimeout(async () => {
    if (await leftovers.areCollected()) postMessage("clean");
  }, REST);
});
addEventListener("messageerror", () => {
  throw new Error("the worker thread could not read its initial message");
});
