import { fileURLToPath } from "node:url";
import type { Backend } from "#lstm/kernels/kernels.js";
import type { Program } from "./contestant.js";
import type { Rival } from "./rivals.js";

/** Where the rivals' scripts and packages are, and ours. */
export const RIVALS_FOLDER = fileURLToPath(new URL("../../../bench/rivals", import.meta.url));

/** How a rival is started. `pin` goes before the command. */
export function programOf({ language, args }: Pick<Rival, "language" | "args">, pin: readonly string[]): Program {
  const interpreter = language === "node" ? process.execPath : process.env["PYTHON"] || "python3";
  const [command, ...rest] = [...pin, interpreter, ...args] as [string, ...string[]];
  return { command, args: rest, folder: RIVALS_FOLDER };
}

/** How one of our backends is started: like a rival. */
export const ourProgram = (backend: Backend, pin: readonly string[]): Program =>
  programOf({ language: "node", args: ["ours.mjs", backend] }, pin);
