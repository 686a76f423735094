import { setMaxListeners } from "node:events";
import type { AbortSignalLike } from "../common/options.js";

/** The part of an AbortSignal that is used. */
export interface StopSignal extends AbortSignalLike {
  /** Why it was aborted. */
  readonly reason: unknown;
  /**
   * Adds a listener.
   *
   * @param listener is called when it is aborted
   */
  addEventListener(type: "abort", listener: () => void): void;
  /**
   * Removes a listener.
   *
   * @param listener is no longer called
   */
  removeEventListener(type: "abort", listener: () => void): void;
}

/** A controller that is aborted when a signal is, until `end` is called. */
export function controllerAfter(signal: StopSignal | undefined): { controller: AbortController; end: () => void } {
  const controller = new AbortController();
  // Each trial listens.
  setMaxListeners(0, controller.signal);
  const abort = () => controller.abort(signal!.reason);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  return { controller, end: () => signal?.removeEventListener("abort", abort) };
}
