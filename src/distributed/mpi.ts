import { quote } from "../common/show.js";
import { MpiError } from "./errors.js";
import { type Handle, loadMpi, type MpiFunctions, type MpiLibrary } from "./mpi-library.js";

/** MPI_THREAD_FUNNELED: only this thread makes calls. */
const FUNNELED = 1;
/** More than any library's longest names and messages. */
const TEXT_BYTES = 1024;

/** Memory that MPI may use after the call: a short typed array of its own would be moved by the garbage collector. */
export const lasting = {
  bytes: (length: number) => new Uint8Array(new ArrayBuffer(length)),
  integers: (length: number) => new Int32Array(new ArrayBuffer(4 * length)),
  floats: (length: number) => new Float32Array(new ArrayBuffer(4 * length)),
  doubles: (length: number) => new Float64Array(new ArrayBuffer(8 * length)),
};

/** A communication that was started, and the memory that it uses until it is done. */
export interface Request {
  readonly handle: Uint8Array;
  readonly uses: readonly unknown[];
}

/** Where each process's part of a buffer begins, and how long it is, in elements. */
export interface Parts {
  readonly counts: Int32Array;
  readonly starts: Int32Array;
}

/** A part for each rank. */
export function partsOf(size: number, part: (rank: number) => { start: number; count: number }): Parts {
  const [counts, starts] = [lasting.integers(size), lasting.integers(size)];
  for (let rank = 0; rank < size; rank++) {
    const { start, count } = part(rank);
    counts[rank] = count;
    starts[rank] = start;
  }
  return { counts, starts };
}

/** MPI's calls, checked. All ranks take part in a collective one, in the same order. */
export class Mpi {
  readonly rank: number;
  readonly size: number;
  /** The name of this machine. */
  readonly host: string;
  private readonly flag = lasting.integers(1);
  /** The same processes, for sums that are given to all: independent of when the communications of `world` begin. */
  private readonly aside: Handle;

  private constructor(private readonly library: MpiLibrary) {
    const { world, errorsReturn } = library.abi;
    const provided = new Int32Array(1);
    if (this.ask("MPI_Finalized")) throw new MpiError("MPI cannot be started again in a process that has ended it");
    if (!this.ask("MPI_Initialized")) this.call("MPI_Init_thread", 0, 0, FUNNELED, provided);
    this.call("MPI_Comm_set_errhandler", world, errorsReturn);
    this.rank = this.number("MPI_Comm_rank");
    this.size = this.number("MPI_Comm_size");
    const copy = library.abi.handleBytes === 4 ? new Int32Array(1) : new BigInt64Array(1);
    this.call("MPI_Comm_dup", world, copy);
    this.aside = copy[0]!;
    const [name, length] = [new Uint8Array(TEXT_BYTES), new Int32Array(1)];
    this.call("MPI_Get_processor_name", name, length);
    this.host = textOf(name.subarray(0, length[0]!));
  }

  /** @throws MpiError if MPI is not there, or is not that of the launcher */
  static async start(file?: string): Promise<Mpi> {
    const library = await loadMpi(file);
    const mpi = new Mpi(library);
    const launched = Number(process.env["OMPI_COMM_WORLD_SIZE"] ?? process.env["PMI_SIZE"] ?? 1);
    if (mpi.size === 1 && launched > 1)
      throw new MpiError(
        `the launcher started ${launched} processes, but ${quote(library.path)} (${library.abi.name}) sees only this one: ` +
          "it belongs to another MPI. Name the library of the launcher's",
      );
    return mpi;
  }

  isDone({ handle }: Request): boolean {
    this.call("MPI_Test", handle, this.flag, this.library.abi.statusIgnore);
    return this.flag[0] !== 0;
  }

  send(bytes: Uint8Array, to: number, tag: number): Request {
    return this.begin("MPI_Isend", [bytes], (handle) => [bytes, bytes.length, this.byte, to, tag, this.world, handle]);
  }

  /** Whether a message has arrived. */
  hasArrived(from: number, tag: number): boolean {
    this.call("MPI_Iprobe", from, tag, this.world, this.flag, this.library.abi.statusIgnore);
    return this.flag[0] !== 0;
  }

  /** Receives a message that has arrived. */
  receive(bytes: Uint8Array, from: number, tag: number): void {
    this.call("MPI_Recv", bytes, bytes.length, this.byte, from, tag, this.world, this.library.abi.statusIgnore);
  }

  barrier(): Request {
    return this.begin("MPI_Ibarrier", [], (handle) => [this.world, handle]);
  }

  /** Copies the bytes of one rank to all. */
  broadcast(bytes: Uint8Array, from: number): Request {
    return this.begin("MPI_Ibcast", [bytes], (handle) => [bytes, bytes.length, this.byte, from, this.world, handle]);
  }

  /** Gives every rank the bytes of all, as many of each. */
  allGather(mine: Uint8Array, all: Uint8Array): Request {
    const { byte, world } = this;
    const { length } = mine;
    return this.begin("MPI_Iallgather", [mine, all], (handle) => [
      mine,
      length,
      byte,
      all,
      length,
      byte,
      world,
      handle,
    ]);
  }

  /**
   * Gives every rank the parts of all, each of which is in its place already in the rank that it comes from. Only these need to begin
   * in the same order in all ranks, not these and the others.
   */
  allGatherInPlace(all: Float32Array | Uint8Array, { counts, starts }: Parts): Request {
    const type = all instanceof Float32Array ? this.float : this.byte;
    const { inPlace } = this.library.abi;
    return this.begin("MPI_Iallgatherv", [all, counts, starts], (handle) => [
      ...[inPlace, 0, type, all, counts, starts, type, this.aside, handle],
    ]);
  }

  /** Gives the first rank the parts of all. */
  gather(mine: Float32Array, all: Float32Array, { counts, starts }: Parts): Request {
    const { float, world } = this;
    return this.begin("MPI_Igatherv", [mine, all, counts, starts], (handle) => [
      ...[mine, mine.length, float, all, counts, starts, float, 0, world, handle],
    ]);
  }

  /** Gives every rank its part of each rank's floats. */
  allToAll(from: Float32Array, sent: Parts, to: Float32Array, received: Parts): Request {
    const { float, world } = this;
    return this.begin("MPI_Ialltoallv", [from, sent, to, received], (handle) => [
      ...[from, sent.counts, sent.starts, float],
      ...[to, received.counts, received.starts, float, world, handle],
    ]);
  }

  finalize(): void {
    this.call("MPI_Finalize");
  }

  /** Ends all processes of the job. */
  abort(code: number): void {
    this.library.functions.MPI_Abort(this.world, code);
  }

  private get world(): Handle {
    return this.library.abi.world;
  }

  private get byte(): Handle {
    return this.library.abi.byte;
  }

  private get float(): Handle {
    return this.library.abi.float;
  }

  private begin(name: keyof MpiFunctions, uses: readonly unknown[], args: (handle: Uint8Array) => unknown[]): Request {
    const handle = lasting.bytes(8);
    this.call(name, ...args(handle));
    return { handle, uses };
  }

  private number(name: "MPI_Comm_rank" | "MPI_Comm_size"): number {
    const result = new Int32Array(1);
    this.call(name, this.world, result);
    return result[0]!;
  }

  private ask(name: "MPI_Initialized" | "MPI_Finalized"): boolean {
    const result = new Int32Array(1);
    this.call(name, result);
    return result[0] !== 0;
  }

  /** @throws MpiError if the call fails */
  private call(name: keyof MpiFunctions, ...args: unknown[]): void {
    const { functions } = this.library;
    const code = functions[name](...args);
    if (code === 0) return;
    const [text, length] = [new Uint8Array(TEXT_BYTES), new Int32Array(1)];
    functions.MPI_Error_string(code, text, length);
    throw new MpiError(`${name} failed: ${textOf(text.subarray(0, length[0]!)) || `error ${code}`}`);
  }
}

/** UTF-8 bytes as a text. */
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
