import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** What the language leaves to the engine, in its last bits. */
const INEXACT =
  /Math\.(?:a?(?:cos|sin|tan)h?|atan2|cbrt|exp|expm1|hypot|log|log10|log1p|log2|pow)\b|(?<![/*])\*\*(?![/*])/;

/** Where it is used for what nobody computes on with: figures that are reported, a chart's axis. */
const REPORTED = [
  /perplexity: Math\.exp\(loss\)/, // of an evaluation
  /10 \*\* Math\.floor\(Math\.log10\(/, // the distance of a chart's ticks
  /return difference \? previous \* Math\.exp\(step\) : Math\.exp\(step\)/, // a forecast in the user's units
];
/** Powers of two are exact. */
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
