import { OptionError } from "./errors.js";
import { nearest } from "./nearest.js";
import { checkBoolean, checkChoice, checkInteger, checkNumber, type Range } from "./validate.js";

// An option is declared once, in a table of the room that it belongs to: its type, default and range as one of the specs
// below, its help text as the comment above it. Types, validation, the command line's flags and help, the page's forms and
// the reference are derived from the tables.

/** What an option may be. Without a default it may be left out. */
export interface OptionSpec<Value = unknown> extends Range {
  /** What kind of value it takes. */
  readonly type: "integer" | "number" | "boolean" | "choice" | "other";
  /** A value, or what makes one of the options before it in the table. */
  readonly default?: Value | ((options: Record<string, unknown>) => Value);
  /** The values of a `choice`. */
  readonly choices?: readonly Value[];
  /** Values of other options without which this one has no effect: one of a list, or any that is not 0. */
  readonly requires?: Readonly<Record<string, readonly unknown[] | "above 0">>;
  /** Whether a resumed run has to keep it. */
  readonly isFixed?: boolean;
  /** @throws OptionError for a value that is not allowed */
  check(option: string, value: unknown): Value;
}

/** A table of options. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What an option may be, by its spec. */
export type ValueOf<Spec> = Spec extends OptionSpec<infer Value> ? Value : never;

/** Options as a user gives them: each may be left out. */
export type OptionsOf<Specs> = { [Name in keyof Specs]?: ValueOf<Specs[Name]> | undefined };

/** Options with every default filled in. */
export type SettledOptions<Specs> = { readonly [Name in keyof Specs]: ValueOf<Specs[Name]> };

type Traits<Value> = Pick<OptionSpec<Value>, "default" | "requires" | "isFixed">;

/**
 * An integer.
 *
 * @internal
 */
export const integer = (
  traits: Traits<number> & { readonly min: number; readonly max?: number },
): OptionSpec<number> => ({
  type: "integer",
  ...traits,
  check: (option, value) => checkInteger(option, value, traits.min, traits.max),
});

/**
 * A finite number.
 *
 * @internal
 */
export const number = (traits: Traits<number> & Range): OptionSpec<number> => ({
  type: "number",
  ...traits,
  check: (option, value) => checkNumber(option, value, traits),
});

/**
 * A number that may be left out.
 *
 * @internal
 */
export const optionalNumber = (traits: Traits<number> & Range): OptionSpec<number | undefined> => number(traits);

/**
 * True or false.
 *
 * @internal
 */
export const boolean = (traits: Traits<boolean>): OptionSpec<boolean> => ({
  type: "boolean",
  ...traits,
  check: checkBoolean,
});

/**
 * True or false, or left out.
 *
 * @internal
 */
export const optionalBoolean = (traits: Traits<boolean>): OptionSpec<boolean | undefined> => boolean(traits);

/**
 * One of some names.
 *
 * @internal
 */
export const choice = <const Choice extends string>(
  choices: readonly Choice[],
  traits: Traits<NoInfer<Choice>>,
): OptionSpec<Choice> => ({
  type: "choice",
  choices,
  ...traits,
  check: (option, value) => checkChoice(option, value, choices),
});

/**
 * Anything else, by a check of its own.
 *
 * @internal
 */
export const other = <Value>(
  check: OptionSpec<Value>["check"],
  traits: Traits<NoInfer<Value>> = {},
): OptionSpec<Value> => ({ type: "other", ...traits, check });

/** What is used of an AbortSignal, whose own type only some hosts' types have. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  throwIfAborted(): void;
}

/** What ends work that takes long, with its reason thrown. */
export const SIGNAL: OptionSpec<AbortSignalLike | undefined> = other((option, value) => {
  const signal = value as AbortSignalLike;
  // Its class may be another realm's.
  if (typeof signal?.throwIfAborted === "function" && typeof signal.aborted === "boolean") return signal;
  throw new OptionError(option, "an AbortSignal", value);
});

/**
 * Fills in defaults and checks everything.
 *
 * @param specs the table that the options are declared in
 * @param given one that is undefined was not given
 * @param before settled options to start from, in place of the defaults
 * @throws OptionError for an option that does not exist, a value that is not allowed, or one that has no effect beside the
 *   others
 */
export function settle<Specs extends OptionSpecs>(
  specs: Specs,
  given: OptionsOf<Specs>,
  before?: SettledOptions<Specs>,
): SettledOptions<Specs> {
  refuseUnknown(Object.keys(specs), given);
  const settled: Record<string, unknown> = {};
  for (const [option, spec] of Object.entries(specs)) {
    const value = (given as Record<string, unknown>)[option];
    const missing = missingFor(spec, settled);
    const usual =
      typeof spec.default === "function" ? (spec.default as (options: object) => unknown)(settled) : spec.default;
    if (value === undefined) settled[option] = (missing ? undefined : before?.[option]) ?? usual;
    else {
      settled[option] = spec.check(option, value);
      if (missing && value !== usual) throw new OptionError(option, `no value unless ${missing}`, value);
    }
  }
  return settled as SettledOptions<Specs>;
}

/**
 * Looks for options that do not exist.
 *
 * @throws OptionError for one of these, which names the nearest that exists, and for one that is null
 */
export function refuseUnknown(names: readonly string[], given: object): void {
  if (typeof given !== "object" || given === null) throw new OptionError("options", "an object", given);
  for (const [option, value] of Object.entries(given)) {
    if (!names.includes(option)) throw OptionError.unknown(option, value, nearest(option, names));
    if (value === null) throw new OptionError(option, "a value, or nothing", value);
  }
}

/** Which condition for an option to have an effect is not met, in words. */
function missingFor({ requires = {} }: OptionSpec, settled: Record<string, unknown>): string | undefined {
  for (const [other, wanted] of Object.entries(requires)) {
    const value = settled[other];
    if (wanted === "above 0" ? Number(value) > 0 : wanted.includes(value)) continue;
    return `${other} is ${wanted === "above 0" ? wanted : wanted.join(" or ")}`;
  }
  return undefined;
}

/** Those of some options that a table declares. */
export const pick = <Specs extends OptionSpecs>(specs: Specs, options: object): OptionsOf<Specs> =>
  Object.fromEntries(Object.entries(options).filter(([option]) => Object.hasOwn(specs, option))) as OptionsOf<Specs>;
