import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * What goes before a command to keep it on one core, so that nobody profits from a second one; empty where the system has
 * no `taskset`.
 */
export function pinning(): string[] {
  const core = lastAllowedCore();
  if (core === undefined) return [];
  const prefix = ["taskset", "-c", core];
  return spawnSync(prefix[0]!, [...prefix.slice(1), "true"]).status === 0 ? prefix : [];
}

/** The last, since systems serve interrupts on the first. */
function lastAllowedCore(): string | undefined {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return /^Cpus_allowed_list:.*?(\d+)$/m.exec(status)?.[1];
  } catch {
    return undefined;
  }
}
