/** The environment variable of a process that ends when its parent does, such as a trial of a sweep. */
export const FOLLOWS_PARENT = "LSTM_WASM_FOLLOWS_PARENT";

/**
 * Ends this process as SIGTERM would when its parent is gone, or lets go of it: the channel between them is closed then,
 * whatever the parent died of. Training saves its checkpoint first.
 */
export function followParent(): void {
  if (process.env[FOLLOWS_PARENT] === undefined || !process.channel) return;
  // Not for the processes that this one starts.
  delete process.env[FOLLOWS_PARENT];
  // Its output may be closed first, which ends it too. Another signal would be the second, at which it quits at once.
  let isEnding = false;
  process.once("SIGPIPE", () => {
    isEnding = true;
  });
  process.once("disconnect", () => {
    if (!isEnding && !process.emit("SIGTERM", "SIGTERM")) process.exit(143);
  });
  process.channel.unref();
}
