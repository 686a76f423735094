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

test("programs and pages that train in one process load nothing of it", () => {
  const files = readdirSync(BUNDLE).filter((name) => name.endsWith(".js"));
  const withMpi = files.filter((name) => /MPI_Init|koffi/.test(readFileSync(BUNDLE + name, "utf8")));
  expect(withMpi.length).toBeGreaterThan(0);
  expect(withMpi.filter((name) => /browser|inline/.test(name))).toEqual([]);
  for (const entry of ["node.js", "classify.js", "forecast.js", "convert.js", "cli.js"])
    expect([...loaded(entry)].filter((name) => withMpi.includes(name))).toEqual([]);
  expect([...loaded("mpi.js")].some((name) => withMpi.includes(name))).toBe(true);
});
