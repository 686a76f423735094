import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Platform } from "./platform.js";

export const readBytes: Platform["readBytes"] = async (url) => {
  const { href, protocol } = new URL(url);
  if (protocol === "file:") return readFile(new URL(href));
  const response = await fetch(href);
  if (!response.ok) throw new Error(`${href}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
};

export const availableThreads: Platform["availableThreads"] = availableParallelism;

export const canShareMemory: Platform["canShareMemory"] = () => true;

export const startWorker: Platform["startWorker"] = (init, onFailure) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("../bundle/worker-node.js", import.meta.url), { workerData: init });
    let fail = reject;
    worker.once("message", () => {
      // Not earlier, or an otherwise idle process would exit while the caller waits for the thread.
      worker.unref();
      fail = onFailure;
      resolve(() => {
        fail = () => {};
        return worker.terminate();
      });
    });
    worker.once("error", (cause) => fail(cause));
    worker.once("exit", (code) => fail(new Error(`the thread exited with code ${code}`)));
  });
