import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Runs a built program of the benchmark as a process of its own. */
export function run(
  program: "main.js" | "peers/main.js",
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = fileURLToPath(new URL(`../../build/bench/${program}`, import.meta.url));
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [script, ...args],
      { env: { ...process.env, ...env } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}
