import { expect, test } from "vitest";
import { CASES } from "../../bench/cases.js";
import type { Result } from "../../bench/measure.js";
import type { PeersReport } from "../../bench/peers/report.js";
import { picture } from "../../bench/picture.js";

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
  ratios: [{ case: "wide", backend: "relaxed-simd", rival: "pytorch", title: "PyTorch", ratio: 1.6 }],
  absent: [],
};

/** The names of a document's elements that were opened and never closed. */
function unclosed(xml: string): string[] {
  const open: string[] = [];
  for (const [, closing, name, , empty] of xml.matchAll(/<(\/?)([a-z]+)((?:\s[\w:-]+="[^"<>]*")*)\s*(\/?)>/g))
    if (closing) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name!);
  return open;
}

test("the picture is well-formed, and shows every case, the machine and the date", () => {
  const svg = picture(report, undefined);
  expect(unclosed(svg)).toEqual([]);
  expect(svg.replace(/<[^<>]*>/g, "")).not.toMatch(/[<>]/);
  for (const { name } of CASES) expect(svg).toContain(`>${name}</tspan>`);
  expect(svg).toContain("A &lt;fast&gt; processor");
  expect(svg).toContain("2026-01-01");
  expect(svg).toContain("tokens per second");
});

test("of several threads it shows the fastest backend", () => {
  const svg = picture(report, undefined);
  expect(svg).toContain(">relaxed-simd, 2 threads</text>");
  expect(svg).not.toContain(">simd, 2 threads</text>");
});

test("others stand at our figure divided by the ratio, in their cases alone", () => {
  const svg = picture(report, peers);
  expect(svg.match(/>PyTorch<\/text>/g)).toHaveLength(1);
  expect(svg).toMatch(/>PyTorch<\/text><rect [^>]*\/><text [^>]*>12\.5k<\/text>/);
});

test("a longer bar is a higher speed, ten times as fast a decade to the right", () => {
  const results = [1e3, 1e4, 1e5].map((rate, i) => result(CASES[i]!.name, "simd", 1, rate));
  const svg = picture({ ...report, results }, undefined);
  const [a, b, c] = [...svg.matchAll(/<rect x="148" y="\d+" width="([\d.]+)"/g)].map(([, width]) => Number(width));
  expect(b! - a!).toBeGreaterThan(10);
  expect(c! - b!).toBeCloseTo(b! - a!, 1);
});
