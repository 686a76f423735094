/** A file or folder that is not in this repository. */
export interface Data {
  /** Its name in the folder that DATA names. */
  readonly name: string;
  /** Where to get it. */
  readonly from: string;
}

/** A command: a script of this repository, or `lstm-wasm`, and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** A published or reference figure, and how to make ours. */
export interface Entry {
  readonly name: string;
  /** What is measured, on what. */
  readonly what: string;
  readonly data?: readonly Data[];
  /**
   * The commands of one seed, in turn; the figure is in what the last one prints.
   *
   * @param data finds a file of {@link data}
   * @param scratch a file for a checkpoint
   */
  readonly commands: (seed: string, data: (name: string) => string, scratch: string) => readonly Command[];
  readonly seeds: readonly number[];
  /** Our figure, from what the last command printed. */
  readonly figure: (printed: string) => number;
  readonly format: (figure: number) => string;
  /** The figure's standard error, from the same output. With it, the figure of each seed is shown. */
  readonly error?: (printed: string) => number;
  /** What others reach, and where that is from; it may be in what the last command printed. */
  readonly theirs: (printed: string) => string;
  /** Whether it takes more than about a minute: then it has to be named. */
  readonly isLong?: true;
}

/** The last line of JSON that a command printed. */
export function lastEvent<T>(printed: string): T {
  return JSON.parse(printed.trimEnd().split("\n").at(-1)!) as T;
}

/** A number in a text, by a pattern with one group; the last that matches. */
export function lastNumber(printed: string, pattern: RegExp): number {
  const found = [...printed.matchAll(new RegExp(pattern, "g"))].at(-1)?.[1];
  if (found === undefined) throw new Error(`nothing in the output matches ${pattern}`);
  return Number(found.replaceAll(",", ""));
}

export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
export const fixed =
  (digits: number) =>
  (figure: number): string =>
    figure.toFixed(digits);
