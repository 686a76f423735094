import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const BUNDLE = fileURLToPath(new URL("../../dist/bundle/", import.meta.url));

/** A file, and those that it imports when it is loaded. */
function loaded(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  const imports = readFileSync(BUNDLE + name, "utf8").matchAll(
    /(?:^|\n|;)\s*(?:import|export)[^;"']*?["']\.\/([^"']+)["']/g,
  );
  for (const [, other] of imports) loaded(other!, seen);
  return seen;
}

test("programs and pages that sweep nothing load nothing of it", () => {
  const files = readdirSync(BUNDLE).filter((name) => name.endsWith(".js"));
  const having = (pattern: RegExp) => files.filter((name) => pattern.test(readFileSync(BUNDLE + name, "utf8")));
  // The journal's mark, and the queue's package.
  const withSweeps = having(/lstm-wasm sweep"|import\(["']bullmq["']\)/);
  expect(withSweeps.length).toBeGreaterThan(0);
  expect(
    having(/lstm-wasm sweep"|bullmq|ioredis|FOLLOWS_PARENT/).filter((name) => /browser|inline/.test(name)),
  ).toEqual([]);
  for (const entry of ["node.js", "classify.js", "forecast.js", "convert.js", "mpi.js"])
    expect([...loaded(entry)].filter((name) => withSweeps.includes(name))).toEqual([]);
  // The command line loads it for its command alone, and BullMQ with a queue alone.
  const journals = having(/lstm-wasm sweep"/);
  expect([...loaded("cli.js")].filter((name) => journals.includes(name))).toEqual([]);
  expect([...loaded("sweep.js")].some((name) => journals.includes(name))).toBe(true);
  const queues = having(/import\(["']bullmq["']\)/);
  expect(queues).toHaveLength(1);
});
