import { parentPort, workerData } from "node:worker_threads";
import { type Duty, serve } from "./serve.js";

serve(workerData as Duty, () => parentPort!.postMessage("ready"));
