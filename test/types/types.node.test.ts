import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { every } from "../full.js";

// The types as they are published, for a program without the types of a page or of Node.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TYPES = join(ROOT, "dist", "types");
const FOLDER = join(ROOT, "build", "types");
const COMPILERS = {
  "of this project": join(ROOT, "node_modules", "typescript", "lib", "tsc.js"),
  "5.0, the oldest": join(ROOT, "test", "hosts", "node_modules", "typescript-5.0", "lib", "tsc.js"),
};

async function compile(tsc: string, lib: string[]): Promise<string> {
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: false,
    skipLibCheck: false,
    skipDefaultLibCheck: true,
    types: [],
    target: "es2022",
    lib,
    module: "nodenext",
    moduleResolution: "nodenext",
    paths: {
      "lstm-wasm": [join(TYPES, "index.d.ts")],
      ...Object.fromEntries(
        ["inspect", "presets", "stream", "words", "classify", "forecast"].map((entry) => [
          `lstm-wasm/${entry}`,
          [join(TYPES, `${entry}.d.ts`)],
        ]),
      ),
    },
  };
  await mkdir(FOLDER, { recursive: true });
  const config = join(FOLDER, `tsconfig.${lib.length}.json`);
  await writeFile(join(FOLDER, "package.json"), '{ "type": "module" }');
  await writeFile(join(FOLDER, "consumer.ts"), await readFile(new URL("consumer.ts", import.meta.url)));
  await writeFile(config, JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
  const failed = (error: { stdout: string }) => error;
  return (await promisify(execFile)(process.execPath, [tsc, "-p", config]).catch(failed)).stdout;
}

/** A compiler takes a second for each. */
const LIBRARIES = every(2, [["es2022"], ["es2022", "dom"]]);

for (const [name, tsc] of Object.entries(COMPILERS))
  test.skipIf(!existsSync(tsc))(
    `TypeScript ${name} takes what is right and refuses what is not`,
    async () => {
      for (const lib of LIBRARIES) expect(await compile(tsc, lib)).toBe("");
    },
    60_000,
  );

test("nothing internal is in them", async () => {
  const names = (await readdir(TYPES, { recursive: true })).filter((name) => name.endsWith(".d.ts"));
  for (const name of names) {
    expect(name).not.toMatch(/^(cli|engine|network\/(plan|network|lstm-layer))/);
    expect(await readFile(join(TYPES, name), "utf8"), name).not.toContain("@internal");
  }
});
