import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { FULL, withMore } from "../../full.js";
import { execute, Project } from "./project.js";

const WHOLE = ["simd", "simd-shared", "relaxed-simd", "relaxed-simd-shared"];
const BUILDS = [...WHOLE, ...WHOLE.map((build) => `forward-${build}`), "int8-simd", "int8-relaxed-simd"];
const WASM = BUILDS.map((build) => `${build}.wasm`);
const EXPECTED = [
  /^package\/(package\.json|LICENSE|(README|CHANGELOG|ARCHITECTURE|CONTRIBUTING|SECURITY)\.md)$/,
  /^package\/docs\/(decisions\/)?[\w-]+\.(md|svg|png|gif|webp)$/,
  /^package\/examples\/(server\/)?[\w-]+\.(mjs|csv)$/,
  /^package\/dist\/bundle\/[\w-]+\.js$/,
  /^package\/dist\/types\/.+\.d\.ts$/,
  /^package\/dist\/(?!bundle|cli|distributed|inline|mpi|types)[\w/-]+\.js$/,
  /^package\/build\/(forward-|int8-)?(relaxed-)?simd(-shared)?\.wasm$/,
];

const installed = (path: string) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));

let project: Project;

beforeAll(async () => {
  project = await Project.install("package");
}, 120_000);

test("holds what a user installs, and nothing else", async () => {
  const { stdout } = await execute("tar", ["tzf", project.tarball]);
  const files = stdout.trimEnd().split("\n");
  expect(files.filter((path) => !EXPECTED.some((pattern) => pattern.test(path)))).toEqual([]);
  for (const wasm of WASM) expect(files).toContain(`package/build/${wasm}`);
});

test("has every file that its documents link to", async () => {
  const library = project.path("node_modules", "lstm-wasm");
  const names = await readdir(library, { recursive: true });
  const documents = names.filter((name) => name.endsWith(".md"));
  expect(documents).toEqual(expect.arrayContaining(["README.md", "CHANGELOG.md", "SECURITY.md"]));
  const missing: string[] = [];
  for (const document of documents) {
    const text = (await readFile(join(library, document), "utf8")).replaceAll(/^```.*?^```$/gms, "");
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      const [path] = target!.split("#");
      const isElsewhere = /^(https:|mailto:|#)/.test(target!);
      if (!isElsewhere && !existsSync(join(library, dirname(document), path!))) missing.push(`${document}: ${target}`);
    }
  }
  expect(missing).toEqual([]);
});

test("has nothing of Node in its files for pages", async () => {
  const folder = project.path("node_modules", "lstm-wasm", "dist", "bundle");
  const names = await readdir(folder);
  const { peerDependencies } = JSON.parse(await readFile(join(folder, "../../package.json"), "utf8"));
  const optional = Object.keys(peerDependencies);
  const forPages = names.filter((name) => /^(browser|worker-browser|inline)(?!-node)/.test(name));
  expect(forPages).toEqual(expect.arrayContaining(["browser.js", "worker-browser.js", "inline.js"]));
  for (const name of forPages) {
    const code = await readFile(join(folder, name), "utf8");
    expect(code, name).not.toMatch(/\bnode:|\brequire\(|\bprocess\./);
    expect(code, name).not.toMatch(/\beval\(|\bnew Function\(/);
    const imported = [...code.matchAll(/^import\b.*?["'](.*?)["']|\bimport\(["'`](.*?)["'`]\)/gm)];
    for (const [, once, onDemand] of imported)
      if (onDemand === undefined || !optional.includes(onDemand))
        expect(names).toContain((once ?? onDemand)!.replace("./", ""));
  }
});

test.runIf(FULL)("is clean for publint", async () => {
  const library = project.path("node_modules", "lstm-wasm");
  const { stdout } = await execute(process.execPath, [installed("publint/src/cli.js"), "run", "--strict", library]);
  expect(stdout).toContain("All good!");
});

test.skipIf(!FULL)("has types that are right, whoever resolves them", async () => {
  const options = ["--profile", "esm-only", "--exclude-entrypoints", ...WASM];
  // It fails where it finds a problem.
  await execute(process.execPath, [installed("@arethetypeswrong/cli/dist/index.js"), project.tarball, ...options]);
});

const TYPED = `
  import { characters, createModel, type Model, train, type TrainReport } from "lstm-wasm";
  import { setWasmSources } from "lstm-wasm/inline";
  import { importModel, toSafetensors } from "lstm-wasm/convert";
  setWasmSources({ simd: new URL("https://example.org/simd.wasm") });
  const model: Model = await createModel({ vocabulary: characters("abc"), hiddenSize: 4 });
  for await (const report of train(model, "abcabc", { epochs: 1 })) {
    const { trainLoss }: TrainReport = report;
    trainLoss.toFixed();
  }
  const bytes: Uint8Array = toSafetensors(await importModel(new Blob([])), { dtype: "float16" });
  const again: Model = await importModel(bytes);
  // @ts-expect-error
  await createModel({ hiddenSize: "4" });`;

test.each(withMore([["nodenext", "nodenext"]], [["bundler", "esnext"]]))(
  "compiles in a strict TypeScript program with the resolution %s",
  async (moduleResolution, module) => {
    await project.write("typed.ts", TYPED);
    const own = {
      noEmit: true,
      strict: true,
      skipLibCheck: false,
      skipDefaultLibCheck: true,
      types: [],
      target: "es2022",
      lib: ["es2023", "dom"],
    };
    const compilerOptions = { ...own, module, moduleResolution };
    await project.write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["typed.ts"] }));
    const tsc = createRequire(new URL("../../../package.json", import.meta.url)).resolve("typescript/lib/tsc.js");
    const said = await execute(process.execPath, [tsc, "-p", project.folder]).catch((error) => error);
    expect(said.stdout).toBe("");
  },
);
