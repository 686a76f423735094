import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Installs the exact versions in the competitors' own package-lock.json where they are missing. The packages' scripts do
 * not run: brain.js would compile code for GPUs.
 *
 * @param folder of the competitors
 * @returns why it failed, where it did
 */
export function installCompetitors(folder: string): string | undefined {
  const lock = join(folder, "package-lock.json");
  const installed = join(folder, "node_modules", ".package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return undefined;
  process.stderr.write("installing the competitors' packages …\n");
  const { status, error, stderr } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--loglevel=error"], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
    // On Windows npm is a .cmd file, which only a shell starts.
    shell: process.platform === "win32",
  });
  if (status === 0) return undefined;
  const why = error?.message ?? stderr.split("\n").find((line) => line.trim() !== "");
  return `its packages could not be installed (${why ?? `npm ended with ${status}`})`;
}
