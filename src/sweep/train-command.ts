import { flagName, parseFlags } from "../cli/flags.js";
import { STDIN } from "../cli/texts.js";
import { FLAGS, refuseConflicts, type TrainFlags, withTable } from "../cli/train-flags.js";
import { MPI_OPTIONS } from "../distributed/options.js";
import type { Values } from "./draw.js";
import { SweepError } from "./errors.js";
import { type Dimension, VARIABLE } from "./space.js";

/** Flags of train that a sweep sets itself, or that make no sense for its trials. */
const TAKEN = [
  "out",
  "force",
  "resume",
  "plot",
  "log",
  "json",
  "quiet",
  "help",
  "mpi",
  ...Object.keys(MPI_OPTIONS),
].map(flagName);
/** Flags that a resumed run is given again: where its data are, and how it is carried out. */
const KEPT = ["text", "validation-text", "csv", "ts", "encoding", "threads", "checkpoint-every", "epochs"];
/** Flags that name files to read. */
const DATA = ["text", "validation-text", "csv", "ts", "vocabulary", "init-from"];
/** Flags that leave no trace in the result. */
const WITHOUT_TRACE = ["threads", "checkpoint-every"];

/** The flags that all trials of a sweep share. */
export class TrainCommand {
  readonly flags: TrainFlags;

  /**
   * @param args as on the command line, after the command
   * @throws UsageError for invalid flags
   * @throws SweepError for flags that a sweep has no use for
   */
  constructor(readonly args: readonly string[]) {
    this.flags = withTable(parseFlags(FLAGS, [...args]));
    const taken = TAKEN.find((name) => this.flags[name] !== undefined);
    if (taken !== undefined) throw new SweepError(`train: --${taken} cannot be combined with a sweep`);
    if ([...(this.flags.text ?? []), ...(this.flags["validation-text"] ?? [])].includes(STDIN))
      throw new SweepError("train: standard input can be read only once: name a file");
    refuseConflicts(this.flags);
  }

  /** Epochs that are asked for, if any. */
  get epochs(): number | undefined {
    return this.flags["epochs"] as number | undefined;
  }

  /** The options among the flags. */
  get options(): Values {
    const all = Object.entries(VARIABLE).map(([option, { default: usual }]) => {
      const value = this.flags[flagName(usual === true ? `no-${option}` : option)];
      return [option, usual === true && value !== undefined ? !value : value] as const;
    });
    return Object.fromEntries(all.filter(([, value]) => value !== undefined)) as Values;
  }

  /** The files and folders that trials read. */
  get dataFiles(): string[] {
    return DATA.flatMap((name) => (this.flags[name] as string | string[] | undefined) ?? []);
  }

  /** The flags of a trial with these values, for what depends on which there are. */
  with(values: Values): TrainFlags {
    return { ...this.flags, ...parseFlags(FLAGS, flagsOfValues(values)) };
  }

  /**
   * What determines the result: the same for commands that differ in nothing else.
   */
  get identity(): string[] {
    return toArgs(without(this.flags, WITHOUT_TRACE));
  }

  /** @throws SweepError for an option that is both varied and given */
  refuseVaried(space: readonly Dimension[]): void {
    const both = space.find(({ option }) => Object.hasOwn(this.options, option));
    if (both) throw new SweepError(`vary: ${both.name} is among the flags of train too: leave it out there`);
  }

  /** The arguments of a trial's process that begins. */
  begin(values: Values, epochs: number | undefined): string[] {
    const flags = epochs === undefined ? this.flags : without(this.flags, ["epochs"]);
    const cosine = (values["schedule"] ?? flags["schedule"]) === "cosine";
    // The rate falls as in a run of all epochs, whatever the first rung has.
    const falls = cosine && epochs !== undefined && flags["schedule-epochs"] === undefined && !values["scheduleEpochs"];
    return [
      ...["train", ...toArgs({ threads: 1, ...flags }), ...flagsOfValues(values)],
      ...(epochs === undefined ? [] : [`--epochs=${epochs}`]),
      ...(falls ? [`--schedule-epochs=${this.epochs}`] : []),
    ];
  }

  /** The arguments of a trial's process that goes on. */
  resume(checkpoint: string, epochs: number | undefined): string[] {
    const kept = Object.fromEntries(Object.entries(this.flags).filter(([name]) => KEPT.includes(name)));
    const all = { threads: 1, ...kept, ...(epochs === undefined ? {} : { epochs }) };
    return ["train", ...toArgs(all), `--resume=${checkpoint}`];
  }
}

/** Values as flags, in the order of their options. */
const flagsOfValues = (values: Values): string[] =>
  Object.entries(values).flatMap(([option, value]) => {
    if (typeof value !== "boolean") return [`--${flagName(option)}=${value}`];
    const isOn = VARIABLE[option]!.default === true;
    if (value === isOn) return [];
    return [`--${isOn ? "no-" : ""}${flagName(option)}`];
  });

const without = (flags: object, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(flags).filter(([name]) => !names.includes(name)));

/** Parsed flags as arguments again. */
const toArgs = (flags: object): string[] =>
  Object.entries(flags).flatMap(([name, value]) => {
    if (Array.isArray(value)) return value.map((one) => `--${name}=${one}`);
    return [value === true ? `--${name}` : `--${name}=${value}`];
  });
