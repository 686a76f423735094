import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the built command line as a process of its own.
 *
 * @param interrupt a signal to send, once, as soon as the output matches
 */
export function lstmWasm(args: string[], interrupt?: { signal: NodeJS.Signals; when: RegExp }): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (piece: string) => {
        output[name] += piece;
        if (!interrupt?.when.test(output[name])) return;
        child.kill(interrupt.signal);
        interrupt = undefined;
      });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output }));
  });
}

/** The JSON objects of a --json run. */
export const events = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
