import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { createKernels, KERNEL_ABI, wasmScratch } from "../internals/kernels.js";
import { WASM_BUILDS } from "../internals/platform.js";
import { instanceOf } from "./instances.js";
import { DEBUG, describeModule, readBuild } from "./read-build.js";

/**
 * What stands behind each number of the interface. Where it has changed: raise KERNEL_ABI in src/kernels/kernels.ts and
 * `abi_…` in assembly/index.ts if a version with the number has been published, and put the new hash here.
 */
const HASHES: Readonly<Record<number, string>> = { 1: "4ed339ca87676ff1" };

const root = new URL("../../", import.meta.url);

/** A kernel as it is declared: the names of its parameters and their types, and that of the result. */
interface Declaration {
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly result: string;
}

function parse(path: string): ts.SourceFile {
  const file = fileURLToPath(new URL(path, root));
  return ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
}

const declarationOf = (node: ts.SignatureDeclaration): Declaration => ({
  names: node.parameters.map(({ name }) => name.getText()),
  types: node.parameters.map(({ type }) => type?.getText() ?? "none"),
  result: node.type?.getText() ?? "none",
});

/** The methods of the interface `Kernels`. */
function declaredKernels(): Map<string, Declaration> {
  const kernels = new Map<string, Declaration>();
  for (const statement of parse("src/kernels/kernels.ts").statements) {
    if (!ts.isInterfaceDeclaration(statement) || statement.name.text !== "Kernels") continue;
    for (const member of statement.members) {
      if (!ts.isMethodSignature(member)) throw new Error(`${member.getText()} is no method`);
      kernels.set(member.name.getText(), declarationOf(member));
    }
  }
  return kernels;
}

/** All functions that the files of assembly/ export to each other, by name. */
function assemblyFunctions(): Map<string, Declaration> {
  const functions = new Map<string, Declaration>();
  for (const name of readdirSync(new URL("assembly/", root)))
    for (const statement of parse(`assembly/${name}`).statements)
      if (ts.isFunctionDeclaration(statement)) functions.set(statement.name!.text, declarationOf(statement));
  return functions;
}

const kernels = declaredKernels();
const sorted = (names: Iterable<string>) => [...names].sort();
/** On the 32 bits of WebAssembly memory an address is an i32. */
const inWasm = (type: string) => (type === "usize" ? "i32" : type);

test("the interface has kernels, with scalars of both widths", () => {
  expect(kernels.size).toBeGreaterThan(15);
  const types = new Set([...kernels.values()].flatMap(({ types, result }) => [...types, result]));
  expect(sorted(types)).toEqual(["f32", "f64", "i32", "usize", "void"]);
});

/** What a module with int8 weights has: no training. */
const INT8_KERNELS = [
  "clear",
  "copyRows",
  "crossEntropy",
  "gatherForward",
  "linearForward",
  "lstmForward",
  "softmax",
  "squaredError",
];

/** What runs a model, and does not train it. */
const FORWARD_KERNELS = [
  ...[
    "add",
    "cellForward",
    "clear",
    "copyRows",
    "gatherForward",
    "linearColumns",
    "linearForward",
    "linearForwardPacked",
  ],
  ...["lstmForward", "lstmStepPacked", "packWeights", "softmax"],
];

const kernelsOf = (build: string) =>
  build.startsWith("int8") ? INT8_KERNELS : build.startsWith("forward") ? FORWARD_KERNELS : [...kernels.keys()];

describe.each([...WASM_BUILDS, DEBUG] as const)("%s.wasm", async (build) => {
  const module = describeModule(await readBuild(build));

  const own = kernelsOf(build);

  test("has the interface's kernels and no others", () => {
    expect(sorted(module.functions.keys())).toEqual(sorted(own));
  });

  test.each(own)("%s takes and gives what the interface says", (name) => {
    const { types, result } = kernels.get(name)!;
    expect(module.functions.get(name)).toEqual({ parameters: types.map(inWasm), result });
  });

  test("says which version of the interface it has", () => {
    expect(module.others).toEqual([`abi_${KERNEL_ABI}`]);
  });

  test("imports the memory, and nothing else but what its assertions call", () => {
    expect(module.imports).toEqual(build === DEBUG ? ["env.abort", "env.memory"] : ["env.memory"]);
  });

  test("has its constants below what is planned", async () => {
    const { memory } = await (build === DEBUG ? instanceOf(build) : createKernels("simd"));
    expect(module.dataEnd).toBeGreaterThan(64);
    expect(module.dataEnd).toBeLessThanOrEqual(memory.base);
  });
});

test.each([...kernels])("%s has the same parameters in assembly/, in the same order", (name, declaration) => {
  expect(assemblyFunctions().get(name)).toEqual(declaration);
});

test("the JavaScript kernels are those of the interface, each with as many parameters", async () => {
  const instance = (await createKernels("javascript")).kernels as unknown as Record<string, () => void>;
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(instance)).filter((name) => name !== "constructor");
  expect(sorted(names)).toEqual(sorted(kernels.keys()));
  for (const [name, { names }] of kernels) expect(instance[name], name).toHaveLength(names.length);
});

test("the number of the interface has been raised with what stands behind it", () => {
  const sizes = [1, 2, 7, 300].flatMap((rows) => [4, 20, 512].map((width) => [rows, width] as const));
  const scratch = sizes.map(([rows, width]) => [
    wasmScratch.linearForward(rows, width, 8),
    wasmScratch.linearBackward(rows, width, 8),
    wasmScratch.gatherBackward(rows, 8, width),
    wasmScratch.lstmForward(rows, width),
    wasmScratch.lstmBackward(3, rows, width),
  ]);
  const content = JSON.stringify([[...kernels].sort(([a], [b]) => (a < b ? -1 : 1)), scratch]);
  expect(createHash("sha256").update(content).digest("hex").slice(0, 16)).toBe(HASHES[KERNEL_ABI]);
});
