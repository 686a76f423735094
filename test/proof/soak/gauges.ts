import { readdirSync, readFileSync } from "node:fs";

// What a process holds, as far as the system says.

/** One reading of all gauges. */
export interface Sample {
  readonly seconds: number;
  readonly rounds: number;
  readonly steps: number;
  /** Resident memory, the JavaScript heap, and what lies outside of it, in MiB. */
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
  /** WebAssembly memories that are alive, and what they hold, in MiB. */
  readonly memories: number;
  readonly wasm: number;
  /** Addresses that the process has reserved, in GiB; NaN where the system does not say. */
  readonly addresses: number;
  /** Open files and sockets, and threads; NaN where the system does not say. */
  readonly handles: number;
  readonly threads: number;
}

const MIB = 2 ** 20;

/** Follows every WebAssembly memory from its creation on, without keeping it alive. Call before the library is used. */
export function followMemories(): () => { readonly count: number; readonly bytes: number } {
  const created = new Set<WeakRef<WebAssembly.Memory>>();
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(target, args, newTarget) {
      const memory = Reflect.construct(target, args, newTarget) as WebAssembly.Memory;
      created.add(new WeakRef(memory));
      return memory;
    },
  });
  return () => {
    let bytes = 0;
    for (const one of created) {
      const memory = one.deref();
      if (memory) bytes += memory.buffer.byteLength;
      else created.delete(one);
    }
    return { count: created.size, bytes };
  };
}

/** Reads all gauges but the first three. */
export function read(memories: ReturnType<typeof followMemories>): Omit<Sample, "seconds" | "rounds" | "steps"> {
  const { rss, heapUsed, external } = process.memoryUsage();
  const { count, bytes } = memories();
  return {
    rss: rss / MIB,
    heap: heapUsed / MIB,
    external: external / MIB,
    memories: count,
    wasm: bytes / MIB,
    addresses: status("VmSize") / MIB,
    handles: entries("/proc/self/fd"),
    threads: entries("/proc/self/task"),
  };
}

function entries(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return Number.NaN;
  }
}

/** A number in the process's status, in KiB. */
function status(name: string): number {
  try {
    const line = readFileSync("/proc/self/status", "utf8").match(new RegExp(`^${name}:\\s+(\\d+)`, "m"));
    return Number(line?.[1] ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}
