import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * The prefix that pins a command to one core, so that no implementation gains from a second one; empty on systems without
 * `taskset`.
 */
export function pinPrefix(): string[] {
  const core = lastAllowedCore();
  if (core === undefined) return [];
  const prefix = ["taskset", "-c", core];
  return spawnSync(prefix[0]!, [...prefix.slice(1), "true"]).status === 0 ? prefix : [];
}

/** The last one, since systems tend to serve interrupts on the first. */
function lastAllowedCore(): string | undefined {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return /^Cpus_allowed_list:.*?(\d+)$/m.exec(status)?.[1];
  } catch {
    return undefined;
  }
}
