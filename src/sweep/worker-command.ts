import { optionsFrom, parseFlags, required } from "../cli/flags.js";
import { Interruption } from "../cli/interruption.js";
import { releaseAll } from "../cli/lock.js";
import { toJson } from "../common/show.js";
import { WORKER_FLAGS, WORKER_HELP } from "./flags.js";
import { WORKER_OPTIONS } from "./options.js";
import { runSweepWorker } from "./queue/worker.js";

/** `lstm-wasm sweep-worker`. */
export async function sweepWorkerCommand(args: string[]): Promise<number> {
  const flags = parseFlags(WORKER_FLAGS, args);
  if (flags.help) {
    process.stdout.write(WORKER_HELP);
    return 0;
  }
  required("queue", flags["queue"] as string | undefined);
  const interruption = new Interruption(releaseAll);
  try {
    interruption.begin();
    const onMessage = (message: string) => {
      if (flags.json) process.stdout.write(`${toJson({ event: "worker", message })}\n`);
      if (!flags.quiet) process.stderr.write(`${message}\n`);
    };
    await runSweepWorker({ ...optionsFrom(WORKER_OPTIONS, flags), signal: interruption.signal, onMessage });
    return interruption.cause === "SIGPIPE" ? 1 : 130;
  } finally {
    interruption.end();
  }
}
