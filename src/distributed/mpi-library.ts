import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { LibraryHandle } from "koffi";
import { quote } from "../common/show.js";
import { MpiError } from "./errors.js";

type Koffi = typeof import("koffi").default;

/** A value of MPI's opaque types: an integer, or an address. */
export type Handle = number | bigint;

/** What differs between the binary interfaces of MPI libraries. */
export interface Abi {
  readonly name: "Open MPI" | "MPICH" | "MPI 5";
  /** The C type of a handle, of so many bytes. */
  readonly handle: "int" | "intptr_t";
  readonly handleBytes: 4 | 8;
  readonly world: Handle;
  readonly byte: Handle;
  readonly float: Handle;
  readonly errorsReturn: Handle;
  /** The addresses that stand for no status, and for data in place. */
  readonly statusIgnore: bigint;
  readonly inPlace: bigint;
}

/** An MPI library, not yet initialized. */
export interface MpiLibrary {
  readonly path: string;
  readonly abi: Abi;
  readonly functions: MpiFunctions;
}

/** The interface of MPICH from version 3.1 on, and of Intel MPI, MVAPICH and Cray MPICH. */
const MPICH: Abi = {
  name: "MPICH",
  handle: "int",
  handleBytes: 4,
  world: 0x44000000,
  byte: 0x4c00010d,
  float: 0x4c00040a,
  errorsReturn: 0x54000001,
  statusIgnore: 1n,
  inPlace: -1n,
};

/** The interface that MPI 5.0 defines for all libraries, in its chapter 20. */
const STANDARD: Abi = {
  name: "MPI 5",
  handle: "intptr_t",
  handleBytes: 8,
  world: 0x101,
  byte: 0x247,
  float: 0x210,
  errorsReturn: 0x143,
  statusIgnore: 0n,
  inPlace: 1n,
};

/** Open MPI 3 to 5, whose handles are the addresses of what it exports. */
const openMpi = (addressOf: (symbol: string) => bigint): Abi => ({
  name: "Open MPI",
  handle: "intptr_t",
  handleBytes: 8,
  world: addressOf("ompi_mpi_comm_world"),
  byte: addressOf("ompi_mpi_byte"),
  float: addressOf("ompi_mpi_float"),
  errorsReturn: addressOf("ompi_mpi_errors_return"),
  statusIgnore: 0n,
  inPlace: 1n,
});

/** The functions that are called. A buffer is a typed array or, where data can be in place, an address. */
const FUNCTIONS = {
  MPI_Init_thread: ["intptr_t", "intptr_t", "int", "void *"],
  MPI_Initialized: ["void *"],
  MPI_Finalized: ["void *"],
  MPI_Finalize: [],
  MPI_Abort: ["handle", "int"],
  MPI_Comm_rank: ["handle", "void *"],
  MPI_Comm_size: ["handle", "void *"],
  MPI_Comm_dup: ["handle", "void *"],
  MPI_Comm_set_errhandler: ["handle", "handle"],
  MPI_Error_string: ["int", "void *", "void *"],
  MPI_Get_processor_name: ["void *", "void *"],
  MPI_Isend: ["void *", "int", "handle", "int", "int", "handle", "void *"],
  MPI_Recv: ["void *", "int", "handle", "int", "int", "handle", "intptr_t"],
  MPI_Iprobe: ["int", "int", "handle", "void *", "intptr_t"],
  MPI_Test: ["void *", "void *", "intptr_t"],
  MPI_Ibarrier: ["handle", "void *"],
  MPI_Ibcast: ["void *", "int", "handle", "int", "handle", "void *"],
  MPI_Iallgather: ["void *", "int", "handle", "void *", "int", "handle", "handle", "void *"],
  MPI_Iallgatherv: ["intptr_t", "int", "handle", "void *", "void *", "void *", "handle", "handle", "void *"],
  MPI_Igatherv: ["void *", "int", "handle", "void *", "void *", "void *", "handle", "int", "handle", "void *"],
  MPI_Ialltoallv: [
    ...["void *", "void *", "void *", "handle"],
    ...["void *", "void *", "void *", "handle", "handle", "void *"],
  ],
} as const satisfies Record<string, readonly string[]>;

/** Each returns an error code. */
export type MpiFunctions = Readonly<Record<keyof typeof FUNCTIONS, (...args: unknown[]) => number>>;

/**
 * Loads an MPI library.
 *
 * @param file by default the library of the launcher that started this process, or one that the system finds
 * @throws MpiError if there is none, or koffi is not installed
 */
export async function loadMpi(file?: string): Promise<MpiLibrary> {
  const koffi = await loadKoffi();
  keepHeap();
  const tried: string[] = [];
  for (const path of file === undefined ? candidates() : [file]) {
    try {
      // Global, since Open MPI loads parts of itself that refer to it.
      return bind(koffi.load(path, { global: true }), path);
    } catch (error) {
      if (error instanceof MpiError) throw error;
      tried.push(path);
      if (file !== undefined) throw new MpiError(`${quote(file)} cannot be loaded: ${(error as Error).message}`);
    }
  }
  throw new MpiError(
    `no MPI library was found (tried ${tried.join(", ")}): install Open MPI or MPICH, or name the library's file`,
  );
}

/**
 * UCX, which comes with most MPI libraries, watches what memory is returned to the system. As it is loaded it overwrites the
 * first instructions of `munmap` and its like, and tries whether that works: it has the heap grow by a page, which fails where V8
 * has put its code right behind the heap, and then shrink by one all the same. So the heap lost its last page, and some 15 of
 * 1000 processes of Node 20 died as soon as they used it. With its other way, to replace addresses in tables, Debian's MPICH hangs.
 * Without, UCX remembers no memory that it has registered with a network's adapter.
 */
function keepHeap(): void {
  process.env["UCX_MEM_MMAP_HOOK_MODE"] ??= "none";
}

async function loadKoffi(): Promise<Koffi> {
  try {
    return (await import("koffi")).default;
  } catch (cause) {
    throw new MpiError("MPI needs the package koffi: npm install koffi", { cause });
  }
}

function bind(library: LibraryHandle, path: string): MpiLibrary {
  const abi = abiOf(library, path);
  const functions = Object.entries<readonly string[]>(FUNCTIONS).map(([name, types]) => [
    name,
    library.func(
      name,
      "int",
      types.map((type) => (type === "handle" ? abi.handle : type)),
    ),
  ]);
  return { path, abi, functions: Object.fromEntries(functions) as MpiFunctions };
}

/** Tells a library's binary interface by what it exports. */
function abiOf(library: LibraryHandle, path: string): Abi {
  if (exported(library, "MPI_Init_thread") === undefined) throw new MpiError(`${quote(path)} is not an MPI library`);
  if (hasStandardAbi(library)) return STANDARD;
  if (exported(library, "ompi_mpi_comm_world") !== undefined) return openMpi((name) => exported(library, name)!);
  if (exported(library, "PMPI_Init_thread") !== undefined) return MPICH;
  throw new MpiError(`${quote(path)} has the binary interface of neither Open MPI, nor MPICH, nor MPI 5`);
}

/** MPI 5.0 has every library tell the version of the standard interface, −1 for its own. */
function hasStandardAbi(library: LibraryHandle): boolean {
  if (exported(library, "MPI_Abi_get_version") === undefined) return false;
  const [major, minor] = [new Int32Array(1), new Int32Array(1)];
  library.func("MPI_Abi_get_version", "int", ["void *", "void *"])(major, minor);
  return major[0]! >= 1;
}

/** The address of an exported symbol. */
function exported(library: LibraryHandle, name: string): bigint | undefined {
  try {
    return library.symbol(name, "char") as bigint;
  } catch {
    return undefined;
  }
}

const OPEN_MPI_NAMES = ["libmpi.so.40", "libmpi.40.dylib"];
const MPICH_NAMES = ["libmpi.so.12", "libmpich.so.12", "libmpi.12.dylib"];
const STANDARD_NAMES = ["libmpi_abi.so.1", "libmpi_abi.1.dylib", "libmpi_abi.so.0"];

/** Names and paths to try: beside the launcher on the PATH, then wherever the system looks. */
function candidates(): string[] {
  const isOpenMpi = process.env["OMPI_COMM_WORLD_SIZE"] !== undefined;
  const isMpich = !isOpenMpi && process.env["PMI_SIZE"] !== undefined;
  const names = isMpich
    ? [...MPICH_NAMES, ...STANDARD_NAMES, ...OPEN_MPI_NAMES]
    : [...OPEN_MPI_NAMES, ...STANDARD_NAMES, ...MPICH_NAMES];
  const folders = launcherFolders();
  return [
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))).filter((path) => existsSync(path)),
    ...names,
  ];
}

/** The libraries' folders of the installations whose launchers are on the PATH. */
function launcherFolders(): string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const launchers = folders.map((folder) => join(folder, "mpiexec")).filter((path) => existsSync(path));
  return launchers.map((path) => join(dirname(dirname(realpathSync(path))), "lib"));
}
