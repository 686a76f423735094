import { parentPort, workerData } from "node:worker_threads";
import { type Duty, serve } from "./worker.js";

serve(workerData as Duty, () => parentPort!.postMessage("ready"));
