import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FULL } from "../full.js";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const SCRIPT = join(REPOSITORY, "scripts", "import-graph.mjs");
const { checkFloors } = (await import(SCRIPT)) as {
  checkFloors(house: { root: string; floors: string[][]; files?: string[]; aliases?: Record<string, string[]> }): {
    rooms: number;
    arrows: number;
    problems: string[];
  };
};

const FLOORS = [["common"], ["left", "right"], ["top", "index.ts"]];

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "import-graph-"));
  await write(root, {
    "common/errors.ts": "export class Problem extends Error {}",
    "left/a.ts": 'import { Problem } from "../common/errors.js";\nexport const a = Problem;',
    "right/b.tsx": 'export type { Problem } from "../common/errors.js";',
    "top/c.ts":
      'import { a } from "../left/a.js";\nimport type { Problem } from "../right/b.js";\nexport { a, Problem };',
    "index.ts": 'export * from "./right/b.js";',
  });
});
afterEach(() => rm(root, { recursive: true }));

async function write(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** What is wrong once these files are added or replaced. */
async function problemsWith(files: Record<string, string>, aliases: Record<string, string[]> = {}): Promise<string[]> {
  await write(root, files);
  return checkFloors({ root, floors: FLOORS, aliases }).problems;
}

describe("checkFloors", () => {
  test("accepts imports from the same room and from below, and counts rooms and the arrows between them", async () => {
    await write(root, { "left/a2.ts": 'import { a } from "./a.js";\nimport "../common/errors.js";\nexport { a };' });
    expect(checkFloors({ root, floors: FLOORS })).toEqual({ rooms: 5, arrows: 5, problems: [] });
  });

  test.each([
    ["an import", 'import { c } from "../top/c.js";'],
    ["an import of a type", 'import type { c } from "../top/c.js";'],
    ["a re-export", 'export { c } from "../top/c.js";'],
    ["a dynamic import", 'const c = await import("../top/c.js");'],
    ["a type's own import", 'type C = import("../top/c.js").C;'],
  ])("reports %s from a higher floor", async (_, line) => {
    expect(await problemsWith({ "common/up.ts": `// A comment.\n${line}` })).toEqual([
      "common/up.ts:2 imports top/c.ts, which is 2 floors up",
    ]);
  });

  test("reports an import from another room on the same floor", async () => {
    expect(await problemsWith({ "right/sideways.ts": 'import { a } from "../left/a.js";' })).toEqual([
      "right/sideways.ts:1 imports left/a.ts, which is in another room on the same floor",
    ]);
  });

  test("reports files that import one another in a circle, even within a room", async () => {
    const circle = {
      "left/one.ts": 'import "./two.js";',
      "left/two.ts": 'import type { Three } from "./three.js";',
      "left/three.ts": 'import "./one.js";\nexport type Three = 3;',
    };
    expect(await problemsWith(circle)).toEqual([
      "files import one another in a circle: left/one.ts → left/two.ts → left/three.ts → left/one.ts",
    ]);
  });

  test("follows the package's own names", async () => {
    const aliases = { "#host": [join(root, "top", "c.ts")] };
    expect(await problemsWith({ "common/host.ts": 'import "#host";' }, aliases)).toEqual([
      "common/host.ts:1 imports top/c.ts, which is 2 floors up",
    ]);
  });

  test("reports a file outside all rooms, and a room without files", async () => {
    await write(root, { "attic/d.ts": "" });
    expect(checkFloors({ root, floors: [...FLOORS, ["roof"]] }).problems).toEqual([
      "roof is a room without a file",
      "attic/d.ts is in no room",
    ]);
  });
});

describe("the script", () => {
  const run = (script: string, ...houses: string[]) =>
    spawnSync(process.execPath, [script, ...houses], { encoding: "utf8" });

  // So does `npm run check`.
  test.skipIf(!FULL)("passes the repository's own houses", () => {
    const { status, stdout, stderr } = run(SCRIPT);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^bench: \d+ rooms on \d+ floors, \d+ arrows, none upward, no circle$/m);
    expect(stdout).toMatch(/^web\/src: /m);
    expect(status).toBe(0);
  });

  test("names each offending import and exits with 1", async () => {
    for (const name of ["import-graph.mjs", "is-main.mjs"])
      await cp(join(REPOSITORY, "scripts", name), join(root, "scripts", name));
    await symlink(join(REPOSITORY, "node_modules"), join(root, "node_modules"), "junction");
    await write(root, {
      "package.json": "{}",
      "src/common/up.ts": 'import "../kernels/k.js";',
      "src/kernels/k.ts": "",
    });
    const { status, stdout, stderr } = run(join(root, "scripts", "import-graph.mjs"), "src");
    expect(stderr).toContain("src: common/up.ts:1 imports kernels/k.ts, which is 2 floors up\n");
    expect(stdout).toMatch(/^src: 32 rooms on 15 floors, 1 arrow, \d+ problems$/m);
    expect(status).toBe(1);
  });

  test("rejects an unknown house with exit status 2", () => {
    expect(run(SCRIPT, "attic").status).toBe(2);
  });
});
