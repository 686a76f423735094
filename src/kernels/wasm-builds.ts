import { builds } from "#files";
import { readBytes } from "#platform";
import { BackendError, OptionError } from "../common/errors.js";
import { WASM_BUILDS, type WasmBuild } from "../platform/platform.js";
import { KERNEL_ABI } from "./kernels.js";

/**
 * A source of a build of the kernels: a compiled WebAssembly.Module, the bytes of its .wasm file, a Response with these bytes
 * (of any Content-Type), or the file's URL; in a page, a string is a URL relative to the page.
 */
export type WasmSource = object | string;

/** Sources of builds, or functions that return one when it is first needed. */
export type WasmSources = {
  readonly [build in WasmBuild]?:
    | WasmSource
    | Promise<WasmSource>
    | (() => WasmSource | Promise<WasmSource>)
    | undefined;
};

/** Where builds come from, and those that were read from there. */
interface Origin {
  readonly sources: WasmSources;
  readonly modules: Map<WasmBuild, Promise<WebAssembly.Module>>;
}

const originOf = (sources: WasmSources): Origin => ({ sources, modules: new Map() });

let origin = originOf(builds);

/**
 * Sets where the kernels' WebAssembly comes from, instead of the .wasm files beside the library. From then on, only the
 * builds named here are used: without a `…-shared` build, a model uses one thread. The package exports the files as
 * `lstm-wasm/simd.wasm`, `lstm-wasm/simd-shared.wasm`, `lstm-wasm/relaxed-simd.wasm` and
 * `lstm-wasm/relaxed-simd-shared.wasm`; for models with int8 weights, `lstm-wasm/int8-simd.wasm` and
 * `lstm-wasm/int8-relaxed-simd.wasm`. With `forward-` before the names of the first four there are smaller files for models that
 * are loaded and not trained; without them, the four serve for that, too. Existing models are unaffected.
 *
 * @throws OptionError for an unknown build, or if none is named
 */
export function setWasmSources(sources: WasmSources): void {
  const given = Object(sources) as WasmSources;
  const names = WASM_BUILDS.filter((name) => given[name] !== undefined);
  const wrong = Object.keys(given).find((name) => !WASM_BUILDS.includes(name as WasmBuild));
  if (names.length === 0 || wrong !== undefined)
    throw new OptionError("sources", `one or more of ${WASM_BUILDS.join(", ")}`, wrong ?? "none");
  origin = originOf({ ...sources });
  // Reported to whoever requests the build, and to nobody earlier.
  for (const source of Object.values(sources)) if (source instanceof Promise) source.catch(() => {});
}

/** Whether there is a source for a build. */
export const isOffered = (build: WasmBuild): boolean => origin.sources[build] !== undefined;

/** Whether a build was loaded, or is being loaded. */
export const isCompiled = (build: WasmBuild): boolean => origin.modules.has(build);

/**
 * Loads a build, read and compiled once.
 *
 * @throws BackendError if it cannot be read, is not this library's, or has another version
 */
export const compiled = (build: WasmBuild): Promise<WebAssembly.Module> => compiledLater(build)();

/** The same, when it is called, from where builds come now. */
export function compiledLater(build: WasmBuild): () => Promise<WebAssembly.Module> {
  const { sources, modules } = origin;
  return () => {
    const known = modules.get(build);
    if (known) return known;
    const module = compile(build, sources[build]);
    modules.set(build, module);
    // A failure is reported to the caller, and retried by the next.
    module.catch(() => modules.delete(build));
    return module;
  };
}

async function compile(build: WasmBuild, source: WasmSources[WasmBuild]): Promise<WebAssembly.Module> {
  try {
    const given = await (typeof source === "function" ? source() : source);
    const module =
      given instanceof WebAssembly.Module
        ? given
        : await WebAssembly.compile(await bytesOf(given as Exclude<typeof given, WebAssembly.Module>));
    checkVersion(module, build);
    return module;
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : cause;
    throw new BackendError(
      `the kernels (${build}.wasm) cannot be loaded: ${what}. ` +
        "Serve the .wasm files beside the library, name them with setWasmSources(), or import lstm-wasm/inline",
      { cause },
    );
  }
}

/** @throws Error for a file that is not this library's, or of another kind, or has another version */
function checkVersion(module: WebAssembly.Module, build: WasmBuild): void {
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  const kind = names.includes("lstmBackward") ? "" : names.includes("packWeights") ? "forward" : "int8";
  const [expected] = build.match(/^(forward|int8)?/)!;
  if (!names.includes("lstmForward") || kind !== expected)
    throw new Error("it is not one of this library's .wasm files");
  const version = names.find((name) => name.startsWith("abi_"))?.slice(4) ?? "none";
  if (version !== `${KERNEL_ABI}`)
    throw new Error(
      `it belongs to another version of lstm-wasm (kernel ABI ${version}, expected ${KERNEL_ABI}): ` +
        "reload, or replace it with this version's file",
    );
}

/** Anything but a URL has its bytes, or can fetch them. Mentioning `Response` would load all of fetch in Node. */
async function bytesOf(source: Response | BufferSource | URL | string | undefined): Promise<BufferSource> {
  if (typeof source === "string" || source instanceof URL) return readBytes(source);
  if (typeof source !== "object" || !("arrayBuffer" in source)) return source!;
  if (!source.ok) throw new Error(`${source.url}: ${source.status} ${source.statusText}`);
  return source.arrayBuffer();
}
