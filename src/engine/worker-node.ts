import { parentPort, workerData } from "node:worker_threads";
import { runWorker, type WorkerInit } from "./worker.js";

runWorker(workerData as WorkerInit, () => parentPort!.postMessage("ready"));
