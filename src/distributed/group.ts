import { readFile } from "node:fs/promises";
import { settle } from "../common/options.js";
import type { SharedWork } from "../inference/process-group.js";
import type { PreparedRun, SharedRun, TrainingGroup } from "../training/process-group.js";
import { Communicator } from "./communicator.js";
import { Mpi } from "./mpi.js";
import { MPI_OPTIONS, type MpiOptions } from "./options.js";
import { type Ending, MpiRun } from "./run.js";
import { modelSettings, settingsOf } from "./settings.js";

/**
 * Starts MPI in a process that `mpirun`, `mpiexec` or `srun` has started. Where none of them has, the group is this process
 * alone.
 *
 * @throws OptionError for an invalid option value
 * @throws MpiError if there is no MPI library, or another than the launcher's, or koffi is not installed
 */
export async function initMpi(options: MpiOptions = {}): Promise<MpiGroup> {
  const { mpiLibrary, mpiTimeout } = settle(MPI_OPTIONS, options);
  const communicator = new Communicator(await Mpi.start(mpiLibrary), 1000 * mpiTimeout);
  await communicator.meet();
  return new MpiGroup(communicator);
}

/** The ranks of an MPI job, all of which make the same calls in the same order. */
export class MpiGroup implements TrainingGroup {
  /** The number of this process, from 0. */
  readonly rank: number;
  /** The number of processes. */
  readonly size: number;
  /** The number of processes on this machine. */
  readonly localSize: number;
  /** The machine of each process. */
  readonly hosts: readonly string[];

  /** @internal */
  constructor(private readonly communicator: Communicator) {
    const { mpi, localSize, hosts } = communicator;
    this.rank = mpi.rank;
    this.size = mpi.size;
    this.localSize = localSize;
    this.hosts = hosts;
  }

  /**
   * Does something in every rank, such as reading files: where it fails in one, it fails in all.
   *
   * @throws what the action throws, or in the other ranks RankError
   */
  together<Result>(action: () => Result | Promise<Result>): Promise<Result> {
    return this.communicator.together(action);
  }

  /** @internal */
  async *share<Report>(
    prepare: () => Promise<PreparedRun>,
    run: (shared: SharedRun) => AsyncGenerator<Report, void, void>,
  ): AsyncGenerator<Report, void, void> {
    let isAborted = () => false;
    const shared = await this.start(async () => {
      const prepared = await prepare();
      isAborted = () => prepared.signal?.aborted ?? false;
      return prepared;
    });
    // A caller may stop iterating.
    let ending: Ending = { kind: "interrupted" };
    try {
      yield* run(shared);
      ending = { kind: "finished" };
    } catch (error) {
      ending = { kind: isAborted() ? "interrupted" : "failed", error };
      throw error;
    } finally {
      await shared.leave(ending);
    }
  }

  /** @internal */
  async collect(prepare: () => Promise<SharedWork>): Promise<Uint8Array<ArrayBuffer>[]> {
    const { communicator } = this;
    const { model, settings, compute } = await this.together(prepare);
    await communicator.compare(new Map([...(await versionSetting()), ...modelSettings(model), ...settings]));
    return communicator.gather(await this.together(compute));
  }

  private async start(prepare: () => Promise<PreparedRun>): Promise<MpiRun> {
    const { communicator } = this;
    const run = await this.together(prepare);
    await communicator.compare(new Map([...(await versionSetting()), ...settingsOf(run)]));
    // From here on, ranks exchange nothing but reports and what these announce: any of them may fail at any time.
    if (run.before) await communicator.share(run.before.carried);
    return new MpiRun(communicator, run);
  }

  /**
   * Ends MPI, in all ranks together. If one is missing, the whole job is ended as soon as this process exits. Nothing can
   * follow.
   */
  end(): Promise<void> {
    return this.communicator.end();
  }
}

async function versionSetting(): Promise<[[string, string]]> {
  const file = new URL("../../package.json", import.meta.url);
  const { version } = JSON.parse(await readFile(file, "utf8")) as { version: string };
  return [["the version of lstm-wasm", version]];
}
