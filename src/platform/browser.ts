import type { Platform } from "./platform.js";

export const readBytes: Platform["readBytes"] = async (url) => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
};

export const availableThreads: Platform["availableThreads"] = () => navigator.hardwareConcurrency || 1;

/** WebKitGTK's browser has no SharedArrayBuffer, though it calls the page isolated. */
export const canShareMemory: Platform["canShareMemory"] = () =>
  globalThis.crossOriginIsolated === true && typeof SharedArrayBuffer === "function";

/** A page's console shows what is asked for. */
/* @__NO_SIDE_EFFECTS__ */
export function showInConsole(): void {}
