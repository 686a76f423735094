import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { comparisonTable } from "../../bench/peers/comparison-table.js";
import { lengthsTable } from "../../bench/peers/lengths-table.js";
import { replaceSection } from "../../bench/report/markdown.js";

test("a section of a document is replaced, and nothing else", () => {
  const document = "before\n<!-- a -->\n\nold\n\n<!-- /a -->\nafter\n";
  expect(replaceSection(document, "a", "new\n")).toBe("before\n<!-- a -->\n\nnew\n\n<!-- /a -->\nafter\n");
  expect(() => replaceSection(document, "b", "new")).toThrow(/no section between <!-- b --> and <!-- \/b -->/);
});

test.each([
  ["docs/comparison.md", "bench:peers"],
  ["docs/results.md", "bench:peers"],
  ["docs/results.md", "bench:peers --lengths"],
])("%s has the section %s of the competitors", async (name, section) => {
  const document = await readFile(new URL(`../../${name}`, import.meta.url), "utf8");
  expect(replaceSection(document, section, "a table")).toContain("a table");
});

test("the table of lengths has what unequal ones leave of each speed, and how fast ours is beside it", () => {
  const result = (
    implementation: "simd" | "relaxed-simd" | "pytorch-packed",
    name: string,
    tokensPerSecond: number,
  ) => ({
    case: `${name}-64`,
    implementation,
    threads: 1,
    ...(implementation === "pytorch-packed" && { version: "2.15.0" }),
    tokensPerSecond,
  });
  const table = lengthsTable({
    ...{ node: "26.0.0", cpu: "a processor", cores: 2, date: "2026-01-01" },
    ...{ rounds: 2, time: 1, pinned: true, lengths: true, ratios: [] },
    skipped: [{ implementation: "pytorch-padded", reason: "no torch" }],
    results: [
      result("simd", "equal", 50_000),
      result("relaxed-simd", "equal", 60_000),
      result("pytorch-packed", "equal", 40_000),
      result("simd", "mixed", 48_000),
      result("relaxed-simd", "mixed", 57_000),
      result("pytorch-packed", "mixed", 10_000),
    ],
  });
  expect(table.split("\n").map((line) => line.split(/ {2,}/).join(" | "))).toEqual([
    "units | with | threads | 80 steps | 40 to 120 | of it | ours × | mixed ×",
    "64 | simd | 1 | 50,000 | 48,000 | 96 % | ",
    "64 | relaxed-simd | 1 | 60,000 | 57,000 | 95 % | ",
    "64 | PyTorch, packed 2.15.0 | 1 | 40,000 | 10,000 | 25 % | 1.50 | 5.70",
    "",
    "skipped: pytorch-padded: no torch",
    "",
  ]);
});

test("the comparison's table has our throughput for each number of threads, and a ratio for each competitor on one", () => {
  const result = (implementation: "relaxed-simd" | "pytorch", threads: number, tokensPerSecond: number) => ({
    case: "char-rnn",
    implementation,
    threads,
    ...(implementation === "pytorch" && { version: "2.15.0+cu126" }),
    tokensPerSecond,
  });
  const ratio = (threads: number, ratio: number) =>
    ({ case: "char-rnn", backend: "relaxed-simd", threads, competitor: "pytorch", title: "PyTorch", ratio }) as const;
  const table = comparisonTable({
    ...{ node: "26.0.0", cpu: "a processor", cores: 2, date: "2026-01-01" },
    ...{ rounds: 2, time: 1, pinned: true, skipped: [] },
    results: [
      result("relaxed-simd", 1, 40_000),
      result("pytorch", 1, 60_000),
      result("relaxed-simd", 2, 70_000),
      result("pytorch", 2, 80_000),
    ],
    ratios: [ratio(1, 0.6667), ratio(2, 0.875)],
  });
  expect(table.split("\n")).toEqual([
    "| | tokens/s | 2 threads | PyTorch 2.15 |",
    "| --- | --- | --- | --- |",
    "| training, 50 × 50 characters, 2 × 128 units | 40,000 | 70,000 | 0.67 × |",
  ]);
});
