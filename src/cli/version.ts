import { readFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { availableThreads, canShareMemory } from "#platform";
import { availableBackends } from "../kernels/select.js";

/** The flags of the processor that decide how fast the kernels are, by Linux' names for x86 and ARM. */
const RELEVANT = [
  "sse4_1",
  "avx",
  "avx2",
  "fma",
  "avx512f",
  "avx512_vnni",
  "avx_vnni",
  "asimd",
  "asimddp",
  "i8mm",
  "sve",
];

/** The optional packages: for other programs' models, and for the queue of sweeps. */
const OPTIONAL = ["fflate", "jsfive", "pbf", "bullmq", "ioredis"];

/** This package's version. */
export const version = (): Promise<string> => versionIn(new URL("../../package.json", import.meta.url));

/** What a maintainer needs to know of the machine: versions, backends, processor, threads. One fact per line. */
export async function environment(): Promise<string> {
  const facts: [string, string][] = [
    ["lstm-wasm", await version()],
    ["Node", `${process.versions.node} (V8 ${process.versions.v8})`],
    ["system", `${process.platform} ${process.arch} ${release()}`],
    ["processor", cpus()[0]?.model.trim() || "unknown"],
    ["features", await processorFeatures()],
    ["backends", availableBackends().join(", ")],
    ["threads", `${availableThreads()}, with ${canShareMemory() ? "shared memory" : "no shared memory"}`],
    ["isolation", "not needed in Node; in a page, the value of crossOriginIsolated"],
    ["packages", (await Promise.all(OPTIONAL.map(installed))).join(", ")],
  ];
  return facts.map(([name, fact]) => `${`${name}:`.padEnd(11)} ${fact}`).join("\n");
}

/** As Linux tells them; other systems have no file that does. */
async function processorFeatures(): Promise<string> {
  try {
    const [, list = ""] = (await readFile("/proc/cpuinfo", "utf8")).match(/^(?:flags|Features)\s*:\s*(.*)$/m) ?? [];
    const flags = new Set(list.split(" "));
    return RELEVANT.filter((flag) => flags.has(flag)).join(" ") || "none of interest";
  } catch {
    return "not told by this system";
  }
}

async function installed(name: string): Promise<string> {
  try {
    const entry = import.meta.resolve(name);
    const root = entry.slice(0, entry.lastIndexOf(`/node_modules/${name}/`));
    return `${name} ${await versionIn(new URL(`${root}/node_modules/${name}/package.json`))}`;
  } catch {
    return `no ${name}`;
  }
}

const versionIn = async (file: URL): Promise<string> =>
  (JSON.parse(await readFile(file, "utf8")) as { version: string }).version;
