import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The built command line. */
export const MAIN = fileURLToPath(new URL("../../dist/bundle/cli.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the built command line as a process of its own.
 *
 * @param conditions `signal` is sent, once, as soon as the output matches `when`; `limit` is a shell command to run first
 */
export function lstmWasm(
  args: string[],
  conditions: { signal?: NodeJS.Signals; when?: RegExp; limit?: string } = {},
): Promise<Ended> {
  const { signal, limit } = conditions;
  let { when } = conditions;
  return new Promise((resolve, reject) => {
    const command = [process.execPath, MAIN, ...args];
    const [program, ...rest] = limit ? ["/bin/sh", "-c", `${limit} && exec "$@"`, "sh", ...command] : command;
    const child = spawn(program!, rest, { stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (piece: string) => {
        output[name] += piece;
        if (!when?.test(output[name])) return;
        child.kill(signal);
        when = undefined;
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
