import { expect, test } from "vitest";
import { CASES } from "../../bench/cases/cases.js";
import type { Result } from "../../bench/measure/measure.js";
import type { PeersReport } from "../../bench/report/peers-report.js";
import { speedChart } from "../../bench/report/speed-chart.js";

const machine = { node: "26.0.0", cpu: "A <fast> processor", cores: 2, date: "2026-01-01" };
const result = (name: string, backend: Result["backend"], threads: number, tokensPerSecond: number): Result => ({
  case: name,
  backend,
  threads,
  tokensPerSecond,
  gigaflops: 1,
});
const report = {
  ...machine,
  peakGigaflops: {},
  results: CASES.flatMap(({ name }) => [
    result(name, "relaxed-simd", 1, 20_000),
    result(name, "relaxed-simd", 2, 30_000),
    result(name, "simd", 1, 10_000),
    result(name, "simd", 2, 15_000),
  ]),
};
const peers: PeersReport = {
  ...machine,
  rounds: 1,
  time: 1,
  pinned: true,
  results: [],
  ratios: [{ case: "wide", backend: "relaxed-simd", threads: 1, competitor: "pytorch", title: "PyTorch", ratio: 1.6 }],
  skipped: [],
};

/** Elements of a document that are opened but never closed. */
function unclosed(xml: string): string[] {
  const open: string[] = [];
  for (const [, closing, name, , empty] of xml.matchAll(/<(\/?)([a-z]+)((?:\s[\w:-]+="[^"<>]*")*)\s*(\/?)>/g))
    if (closing) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name!);
  return open;
}

test("the chart is well-formed, and shows every case, the machine and the date", () => {
  const svg = speedChart(report, undefined);
  expect(unclosed(svg)).toEqual([]);
  expect(svg.replace(/<[^<>]*>/g, "")).not.toMatch(/[<>]/);
  for (const { name } of CASES) expect(svg).toContain(`>${name}</tspan>`);
  expect(svg).toContain("A &lt;fast&gt; processor");
  expect(svg).toContain("2026-01-01");
  expect(svg).toContain("tokens per second");
});

test("thread counts above one are shown for the fastest backend only", () => {
  const svg = speedChart(report, undefined);
  expect(svg).toContain(">relaxed-simd, 2 threads</text>");
  expect(svg).not.toContain(">simd, 2 threads</text>");
});

test("a competitor's bar is our throughput divided by the ratio, in its own cases only", () => {
  const svg = speedChart(report, peers);
  expect(svg.match(/>PyTorch<\/text>/g)).toHaveLength(1);
  expect(svg).toMatch(/>PyTorch<\/text><rect [^>]*\/><text [^>]*>12\.5k<\/text>/);
});

test("bars grow with speed, by the same length for every factor of ten", () => {
  const results = [1e3, 1e4, 1e5].map((rate, i) => result(CASES[i]!.name, "simd", 1, rate));
  const svg = speedChart({ ...report, results }, undefined);
  const [a, b, c] = [...svg.matchAll(/<rect x="148" y="\d+" width="([\d.]+)"/g)].map(([, width]) => Number(width));
  expect(b! - a!).toBeGreaterThan(10);
  expect(c! - b!).toBeCloseTo(b! - a!, 1);
});
