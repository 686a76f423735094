import type { Result } from "../measure/measure.js";
import type { Report } from "./report.js";

const WIDTHS = [16, 14, 8, 13, 10, 12];
const RIGHT_FROM = 2;

/** The table's header; `first` is the title of the first column, `unit` what is counted. */
export const head = (first: string, unit = "tokens/s"): string =>
  line([first, "backend", "threads", unit, "GFLOP/s", "of ceiling"]);

/** One result per line. Several threads are compared with as many times the ceiling. */
export function row(name: string, { backend, threads, tokensPerSecond, gigaflops, ceilingGigaflops }: Result): string {
  const share =
    ceilingGigaflops === undefined ? "–" : `${((100 * gigaflops) / (threads * ceilingGigaflops)).toFixed(0)} %`;
  return line([name, backend, String(threads), count(tokensPerSecond), gigaflops.toFixed(1), share]);
}

/** How far apart the slowest and the fastest of some results are. */
export function spread(results: readonly Pick<Result, "tokensPerSecond">[]): string {
  const rates = results.map(({ tokensPerSecond }) => tokensPerSecond);
  const [slowest, fastest] = [Math.min(...rates), Math.max(...rates)];
  return `slowest ${((100 * slowest) / fastest).toFixed(0)} % of the fastest\n`;
}

export function ceilings({ peakGigaflops }: Report): string {
  const each = Object.entries(peakGigaflops).map(([backend, peak]) => `${backend} ${peak.toFixed(1)} GFLOP/s`);
  return `ceiling (multiply-adds between registers, one thread): ${each.join(", ") || "not measured"}\n`;
}

export const count = (n: number): string => (n < 9.95 ? n.toFixed(1) : Math.round(n).toLocaleString("en-US"));

function line(cells: string[]): string {
  return `${cells.map((cell, i) => (i < RIGHT_FROM ? cell.padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i]!))).join("")}\n`;
}
