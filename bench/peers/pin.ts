import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * The prefix that pins a command to as many cores as threads, so that no implementation gains from another one; empty on systems
 * without `taskset`, or with fewer cores.
 */
export function pinPrefix(threads: number): string[] {
  // The last ones, since systems tend to serve interrupts on the first.
  const cores = allowedCores().slice(-threads);
  if (cores.length < threads) return [];
  const prefix = ["taskset", "-c", cores.join(",")];
  return spawnSync(prefix[0]!, [...prefix.slice(1), "true"]).status === 0 ? prefix : [];
}

function allowedCores(): number[] {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return parseCores(/^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? "");
  } catch {
    return [];
  }
}

/** The cores of a list such as `0-2,5`. */
export const parseCores = (list: string): number[] =>
  Array.from(list.matchAll(/(\d+)(?:-(\d+))?/g)).flatMap(([, first, last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i),
  );
