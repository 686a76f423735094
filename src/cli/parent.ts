import { Interruption } from "./interruption.js";

/** The environment variable of a process that ends when its parent does, such as a trial of a sweep. */
export const FOLLOWS_PARENT = "LSTM_WASM_FOLLOWS_PARENT";

/**
 * Ends this process as SIGTERM would when its parent is gone, or lets go of it: the channel between them is closed
 * then, whatever the parent died of. Training saves its checkpoint first.
 */
export function followParent(platform: NodeJS.Platform = process.platform): void {
  if (process.env[FOLLOWS_PARENT] === undefined) return;
  // There, Ctrl-C reaches the parent's processes too: with what the parent does about it, this one would get two signals.
  if (platform === "win32") Interruption.leaveConsole();
  // Not for the processes that this one starts.
  delete process.env[FOLLOWS_PARENT];
  const end = () => {
    // What ended the parent may have come here too, or its end of the output is closed: a second signal would end this
    // at once.
    if (Interruption.latest?.cause === undefined && !process.emit("SIGTERM", "SIGTERM")) process.exit(143);
  };
  // It may be gone already: nobody is told of that any more.
  if (!process.connected) end();
  process.once("disconnect", end);
  process.channel?.unref();
}
