import { count } from "../report/table.js";
import type { Comparison } from "./compare.js";

const WIDTHS = [16, 14, 8, 12, 12, 9, 15];
const RIGHT_FROM = 2;

/** The table's header. */
export const ratioHead = (): string => line(["case", "backend", "threads", "here", "there", "ratio", "rounds"]);

/** One comparison per line, in tokens per second. */
export const ratioRow = ({ case: name, backend, threads, here, there, ratio, lowest, highest }: Comparison): string =>
  line([
    name,
    backend,
    String(threads),
    count(here),
    count(there),
    ratio.toFixed(3),
    `${lowest.toFixed(3)}–${highest.toFixed(3)}`,
  ]);

function line(cells: string[]): string {
  return `${cells.map((cell, i) => (i < RIGHT_FROM ? cell.padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i]!))).join("")}\n`;
}
