import { parentPort, workerData } from "node:worker_threads";
import { type Duty, serve } from "../threads/serve.js";

serve(workerData as Duty, () => parentPort!.postMessage("ready"));
