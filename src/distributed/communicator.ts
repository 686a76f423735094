import { availableParallelism } from "node:os";
import { LstmError } from "../common/errors.js";
import { quote } from "../common/show.js";
import { MESSAGE_BYTES, messageOf, RankError } from "./errors.js";
import { lasting, type Mpi, partsOf, type Request, textOf } from "./mpi.js";
import { RollCall } from "./roll-call.js";
import { Waiting } from "./waiting.js";

/** How long ranks have to answer a call, in milliseconds. */
const ANSWER_TIME = 2000;
/** The same after an abort: `mpirun` ends a job within a second. */
const LAST_WORDS = 200;

/** MPI counts bytes with 32 bits. */
const MOST_BYTES = 2 ** 31 - 1;

/** What ranks tell one another, and how they find out that one is missing. */
export class Communicator {
  /** The number of ranks on this machine. */
  localSize = 1;
  /** The machine of each rank. */
  hosts: readonly string[];
  private waiting: Waiting;
  private readonly rollCall: RollCall;
  /** Tells whether a wait of so many milliseconds is in vain, since the run was aborted. */
  isForsaken: (waited: number) => boolean = () => false;
  /** Whether a rank is missing, so that nothing can be exchanged any more. */
  private isBroken = false;
  private isOver = false;

  /** @param timeout after which a rank that does not answer is missing, in milliseconds */
  constructor(
    readonly mpi: Mpi,
    private readonly timeout: number,
  ) {
    this.hosts = [mpi.host];
    this.rollCall = new RollCall(mpi, timeout);
    this.waiting = this.patiently(true);
  }

  /** Learns where the others are. */
  async meet(): Promise<void> {
    this.hosts = await this.exchange(this.mpi.host);
    this.localSize = this.hosts.filter((host) => host === this.mpi.host).length;
    this.waiting = this.patiently(this.localSize <= availableParallelism());
  }

  /**
   * Does something in every rank, such as reading files: where one fails, all fail.
   *
   * @throws what the action throws, or in the other ranks RankError
   */
  async together<Result>(action: () => Result | Promise<Result>): Promise<Result> {
    let outcome: { result: Result } | { error: unknown };
    try {
      outcome = { result: await action() };
    } catch (error) {
      outcome = { error };
    }
    const messages = await this.exchange("error" in outcome ? messageOf(outcome.error) : "");
    if ("error" in outcome) throw outcome.error;
    const failed = messages.findIndex((message) => message !== "");
    if (failed >= 0) throw this.rankError(failed, "failed", messages[failed]!);
    return outcome.result;
  }

  /**
   * Ends MPI, in all ranks together. If one is missing, the whole job is ended as soon as this process exits. Nothing can
   * follow.
   */
  async end(): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    try {
      if (!this.isBroken) await this.wait(this.mpi.barrier());
    } catch (error) {
      if (!(error instanceof RankError)) throw error;
    } finally {
      this.rollCall.end();
    }
    // Whatever this process still has to write and to say comes before.
    if (this.isBroken) process.once("exit", (code) => this.mpi.abort(code || 1));
    else this.mpi.finalize();
  }

  /** @throws RankError if a rank does not answer */
  async wait(...requests: Request[]): Promise<void> {
    if (this.isBroken) throw new LstmError("a rank of this group is missing: start the job again");
    try {
      await this.waiting.for(...requests);
    } catch (error) {
      if (!(error instanceof Overdue)) throw error;
      this.isBroken = true;
      throw await this.missing(error);
    }
  }

  /** Gives every rank the texts of all, which are cut at a thousand bytes. */
  async exchange(text: string): Promise<string[]> {
    const { size } = this.mpi;
    const [mine, all] = [lasting.bytes(MESSAGE_BYTES), lasting.bytes(MESSAGE_BYTES * size)];
    const { written } = new TextEncoder().encodeInto(text, mine.subarray(4));
    new DataView(mine.buffer).setInt32(0, written, true);
    await this.wait(this.mpi.allGather(mine, all));
    const lengths = new DataView(all.buffer);
    return Array.from({ length: size }, (_, rank) => {
      const start = MESSAGE_BYTES * rank;
      return textOf(all.subarray(start + 4, start + 4 + lengths.getInt32(start, true)));
    });
  }

  /** Gives every rank the bytes of all, of any length each. */
  async gather(mine: Uint8Array): Promise<Uint8Array<ArrayBuffer>[]> {
    const { mpi } = this;
    const [own, lengths] = [lasting.doubles(1), lasting.doubles(mpi.size)];
    own[0] = mine.length;
    await this.wait(mpi.allGather(new Uint8Array(own.buffer), new Uint8Array(lengths.buffer)));
    const starts = lengths.map((_, rank) => lengths.subarray(0, rank).reduce((sum, length) => sum + length, 0));
    const total = lengths.reduce((sum, length) => sum + length, 0);
    if (total > MOST_BYTES) throw new LstmError(`the parts of all ranks are ${total} bytes, more than MPI can count`);
    const all = lasting.bytes(total);
    all.set(mine, starts[mpi.rank]);
    const parts = partsOf(mpi.size, (rank) => ({ start: starts[rank]!, count: lengths[rank]! }));
    await this.wait(mpi.allGatherInPlace(all, parts));
    // Copies, since a part may begin anywhere, and numbers only at multiples of their size.
    return Array.from(starts, (start, rank) => all.slice(start, start + lengths[rank]!));
  }

  /** Copies the first rank's array to all. */
  async share(array: Float32Array): Promise<void> {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const copy = lasting.bytes(bytes.length);
    copy.set(bytes);
    await this.wait(this.mpi.broadcast(copy, 0));
    bytes.set(copy);
  }

  rankError(rank: number, kind: RankError["kind"], reason: string): RankError {
    return new RankError(rank, this.hosts[rank]!, kind, reason);
  }

  /** @throws RankError for the first value that is not that of the first rank */
  async compare(settings: ReadonlyMap<string, string>): Promise<void> {
    const mine = new TextEncoder().encode(JSON.stringify([...settings]));
    const length = lasting.doubles(1);
    length[0] = mine.length;
    await this.wait(this.mpi.broadcast(new Uint8Array(length.buffer), 0));
    const bytes = lasting.bytes(length[0]);
    if (this.mpi.rank === 0) bytes.set(mine);
    await this.wait(this.mpi.broadcast(bytes, 0));
    const expected = new Map(JSON.parse(textOf(bytes)) as [string, string][]);
    const name = [...expected.keys(), ...settings.keys()].find((key) => expected.get(key) !== settings.get(key));
    const shown = (value: string | undefined) => (value === undefined ? "absent" : shortened(value));
    const differences = await this.exchange(
      name === undefined ? "" : `${name} is ${shown(settings.get(name))}, on rank 0 ${shown(expected.get(name))}`,
    );
    const rank = differences.findIndex((difference) => difference !== "");
    if (rank >= 0) throw this.rankError(rank, "differs", differences[rank]!);
  }

  private patiently(hasCore: boolean): Waiting {
    return new Waiting(this.mpi, hasCore, (waited) => {
      if (this.rollCall.isOver(waited)) throw new Overdue("time");
      // The other ranks leave after their current step, unless they are gone.
      if (this.mpi.rank === 0 && this.isForsaken(waited)) throw new Overdue("abort");
    });
  }

  /** Whom a wait was in vain for. */
  private async missing({ cause }: Overdue): Promise<RankError> {
    const error = (rank: number, reason: string) =>
      this.rankError(rank, "missing", `${reason}. Resume the run from its last checkpoint`);
    const time = `${this.timeout / 1000} seconds (mpiTimeout)`;
    if (this.mpi.rank > 0) return error(0, `it has not been heard of for ${time}`);
    const missing = await this.rollCall.call(cause === "abort" ? LAST_WORDS : ANSWER_TIME);
    const [rank = 0, ...others] = missing;
    const also = others.length > 0 ? `, and neither do ranks ${others.join(", ")}` : "";
    if (missing.length === 0) return error(0, `it and all others have waited for one another for ${time}`);
    return error(
      rank,
      cause === "abort" ? `it is gone or does not answer${also}` : `it does not answer after ${time}${also}`,
    );
  }
}

/** A wait is not worth going on with. */
class Overdue extends Error {
  constructor(override readonly cause: "time" | "abort") {
    super(cause);
  }
}

/** Long values would hide the rest of a message. */
const shortened = (value: string): string => (value.length > 60 ? quote(value) : value);
