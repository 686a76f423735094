import { builds } from "#files";
import { readBytes } from "#platform";
import type { WasmBuild } from "../internals/platform.js";

/** The build whose kernels check their arguments; like `simd` but for that, and not published. */
export const DEBUG = "debug";

/** The bytes of a .wasm file, on any host. */
export async function readBuild(build: WasmBuild | typeof DEBUG): Promise<Uint8Array<ArrayBuffer>> {
  const here = import.meta.url;
  const file = build === DEBUG ? new URL("../../build/debug.wasm", here) : builds[build]();
  return file instanceof URL ? readBytes(file) : file;
}

/** Numbers of sections, as the binary format has them. */
export const IMPORTS = 2;
const TYPES = 1;
const FUNCTIONS = 3;
const EXPORTS = 7;
const DATA = 11;

const VALUE_TYPES: Readonly<Record<number, string>> = { 127: "i32", 126: "i64", 125: "f32", 124: "f64", 123: "v128" };
const KINDS = ["function", "table", "memory", "global"];
const I32_CONST = 0x41;
const FUNCTION_TYPE = 0x60;

/** The types of a function's parameters and result. */
export interface Signature {
  readonly parameters: readonly string[];
  readonly result: string;
}

/** What a module says of itself. */
export interface ModuleDescription {
  /** As `module.name`. */
  readonly imports: readonly string[];
  readonly functions: ReadonlyMap<string, Signature>;
  /** Exports of other kinds. */
  readonly others: readonly string[];
  /** Behind the last byte of memory that the module itself sets. */
  readonly dataEnd: number;
}

/** The sections of a module, by their numbers. */
export function sections(bytes: Uint8Array): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const reader = new Reader(bytes, 8);
  while (!reader.isAtEnd) {
    const id = reader.byte();
    found.set(id, reader.bytes(reader.integer()));
  }
  return found;
}

export function describeModule(bytes: Uint8Array): ModuleDescription {
  const all = sections(bytes);
  const section = (id: number) => new Reader(all.get(id) ?? Uint8Array.of(0));
  const signatures = section(TYPES).vector(readSignature);
  const imports = section(IMPORTS).vector(readImport);
  const defined = section(FUNCTIONS).vector((reader) => reader.integer());
  const indices = [...imports.flatMap(({ type }) => (type === undefined ? [] : [type])), ...defined];
  const exported = section(EXPORTS).vector((reader) => ({
    name: reader.name(),
    kind: KINDS[reader.byte()]!,
    index: reader.integer(),
  }));
  const functions = exported.filter(({ kind }) => kind === "function");
  return {
    imports: imports.map(({ name }) => name),
    functions: new Map(functions.map(({ name, index }) => [name, signatures[indices[index]!]!])),
    others: exported.filter(({ kind }) => kind !== "function").map(({ name }) => name),
    dataEnd: Math.max(0, ...section(DATA).vector(readSegmentEnd)),
  };
}

function readSignature(reader: Reader): Signature {
  const form = reader.byte();
  if (form !== FUNCTION_TYPE) throw new Error(`type ${form} is no function`);
  const types = () => reader.vector((each) => VALUE_TYPES[each.byte()] ?? "?");
  const [parameters, results] = [types(), types()];
  return { parameters, result: results.join() || "void" };
}

function readImport(reader: Reader): { name: string; type?: number } {
  const name = `${reader.name()}.${reader.name()}`;
  const kind = KINDS[reader.byte()];
  if (kind === "function") return { name, type: reader.integer() };
  if (kind !== "memory") throw new Error(`${name}: a ${kind} is imported`);
  const hasMaximum = (reader.byte() & 1) !== 0;
  reader.integer();
  if (hasMaximum) reader.integer();
  return { name };
}

/** Of an active segment of memory 0: flags, the offset as a constant expression, bytes. */
function readSegmentEnd(reader: Reader): number {
  const flags = reader.integer();
  if (flags !== 0 || reader.byte() !== I32_CONST) throw new Error("a data segment of an unknown kind");
  const start = reader.integer();
  reader.byte();
  return start + reader.bytes(reader.integer()).length;
}

class Reader {
  constructor(
    private readonly data: Uint8Array,
    private at = 0,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.data.length;
  }

  byte(): number {
    if (this.isAtEnd) throw new Error("the module ends too early");
    return this.data[this.at++]!;
  }

  bytes(length: number): Uint8Array {
    this.at += length;
    return this.data.subarray(this.at - length, this.at);
  }

  /** LEB128, of a number that is not negative. */
  integer(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  name(): string {
    return new TextDecoder().decode(this.bytes(this.integer()));
  }

  vector<Item>(read: (reader: Reader) => Item): Item[] {
    return Array.from({ length: this.integer() }, () => read(this));
  }
}
