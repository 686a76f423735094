import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Functions whose last bits JavaScript leaves to the engine. */
const INEXACT =
  /Math\.(?:a?(?:cos|sin|tan)h?|atan2|cbrt|exp|expm1|hypot|log|log10|log1p|log2|pow)\b|(?<![/*])\*\*(?![/*])/;

/** Uses that affect no parameter: reported figures, the axis of a chart. */
const REPORTED = [
  /perplexity: Math\.exp\(loss\)/, // of an evaluation
  /probabilities\.map\(\(p\) => -Math\.log2\(p\)\)/, // surprisals
  /sum \+= Math\.exp\(logit - largest\)|largest \+ Math\.log\(sum\)/, // surprisals of one token at a time
  /10 \*\* Math\.floor\(Math\.log10\(/, // the distance of a chart's ticks
  /return difference \? previous \* Math\.exp\(step\) : Math\.exp\(step\)/, // a forecast in the user's units
];
/** Engines compute powers of two exactly. */
const EXACT = /\b2 \*\* -?\d+/g;

const root = join(import.meta.dirname, "..", "..", "src");

test("nothing that reaches a parameter depends on how an engine rounds", () => {
  const found: string[] = [];
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .forEach((line, i) => {
        const code = line.replace(/\/\/.*|^\s*\/?\*.*/, "").replace(EXACT, "");
        if (INEXACT.test(code) && !REPORTED.some((use) => use.test(code)))
          found.push(`${file}:${i + 1}: ${line.trim()}`);
      });
  }
  expect(found).toEqual([]);
});
