import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { readmeTable } from "../../bench/peers/readme-table.js";
import { replaceSection } from "../../bench/report/markdown.js";

test("a section of a document is replaced, and nothing else", () => {
  const document = "before\n<!-- a -->\n\nold\n\n<!-- /a -->\nafter\n";
  expect(replaceSection(document, "a", "new\n")).toBe("before\n<!-- a -->\n\nnew\n\n<!-- /a -->\nafter\n");
  expect(() => replaceSection(document, "b", "new")).toThrow(/no section between <!-- b --> and <!-- \/b -->/);
});

test.each(["README.md", "docs/results.md"])("%s has the section of the competitors", async (name) => {
  const document = await readFile(new URL(`../../${name}`, import.meta.url), "utf8");
  expect(replaceSection(document, "bench:peers", "a table")).toContain("a table");
});

test("README's table has our throughput for each number of threads, and a ratio for each competitor on one", () => {
  const result = (implementation: "relaxed-simd" | "pytorch", threads: number, tokensPerSecond: number) => ({
    case: "char-rnn",
    implementation,
    threads,
    ...(implementation === "pytorch" && { version: "2.15.0+cu126" }),
    tokensPerSecond,
  });
  const ratio = (threads: number, ratio: number) =>
    ({ case: "char-rnn", backend: "relaxed-simd", threads, competitor: "pytorch", title: "PyTorch", ratio }) as const;
  const table = readmeTable({
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
