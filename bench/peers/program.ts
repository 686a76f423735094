import { fileURLToPath } from "node:url";
import type { Backend } from "#lstm/kernels/kernels.js";
import type { Competitor } from "../cases/competitors.js";
import type { Program } from "./bench-process.js";
import { python } from "./python.js";

/** The scripts and packages of the competitors, and our own script. */
export const COMPETITORS_FOLDER = fileURLToPath(new URL("../../../bench/competitors", import.meta.url));

/**
 * How a competitor is started.
 *
 * @param pin goes before the command
 */
export function programOf(
  { language, args }: Pick<Competitor, "language" | "args">,
  threads = 1,
  pin: readonly string[] = [],
): Program {
  const interpreter = language === "node" ? process.execPath : python(COMPETITORS_FOLDER);
  const [command, ...rest] = [...pin, interpreter, ...args] as [string, ...string[]];
  return { command, args: rest, folder: COMPETITORS_FOLDER, threads };
}

/** How one of our backends is started: the same way. */
export const ourProgram = (backend: Backend, threads: number, pin: readonly string[]): Program =>
  programOf({ language: "node", args: ["ours.mjs", backend] }, threads, pin);
