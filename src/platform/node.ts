import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Platform } from "./platform.js";

export const readModule: Platform["readModule"] = (build) =>
  readFile(new URL(`../../build/${build}.wasm`, import.meta.url));

export const availableThreads: Platform["availableThreads"] = availableParallelism;

export const canShareMemory: Platform["canShareMemory"] = () => true;

export const startThread: Platform["startThread"] = (duty, onFailure) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("../threads/node-thread.js", import.meta.url), { workerData: duty });
    worker.unref();
    let fail = reject;
    worker.once("message", () => {
      fail = onFailure;
      resolve(() => {
        fail = () => {};
        void worker.terminate();
      });
    });
    worker.once("error", (cause) => fail(cause));
    worker.once("exit", (code) => fail(new Error(`the thread ended with exit code ${code}`)));
  });
