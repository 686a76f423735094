import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
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

/** In Deno and Bun, too. */
export const showInConsole: Platform["showInConsole"] = ({ prototype }, textOf) => {
  Object.defineProperty(prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value(this: typeof prototype) {
      return textOf(this);
    },
  });
};
