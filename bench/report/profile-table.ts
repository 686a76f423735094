import type { ProfileEntry } from "../measure/profile.js";

const WIDTHS = [16, 14, 20, 12, 12, 8];
const RIGHT_FROM = 3;

export const profileHead = (): string => line(["case", "backend", "kernel", "calls", "µs", "share"]);

/** One kernel per line, its calls and time in a run of the case. */
export const profileRow = ({
  case: name,
  backend,
  kernel,
  callsPerRun,
  microsecondsPerRun,
  share,
}: ProfileEntry): string =>
  line([
    name,
    backend,
    kernel,
    String(Math.round(callsPerRun)),
    microsecondsPerRun.toFixed(1),
    `${(100 * share).toFixed(1)} %`,
  ]);

function line(cells: string[]): string {
  return `${cells.map((cell, i) => (i < RIGHT_FROM ? cell.padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i]!))).join("")}\n`;
}
