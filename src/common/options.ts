import { OptionError } from "./errors.js";
import { INSTEAD, nearest } from "./nearest.js";
import { isA } from "./realms.js";
import { checkBoolean, checkChoice, checkInteger, checkNumber, type Range } from "./validate.js";

// Each option is declared once, in a table next to the code that uses it: type, default and range as one of the specs
// below, help text as the comment above the entry. Types, validation, the command line's flags and help, the page's
// forms and the reference are derived from these tables.

/** The declaration of an option. Without a default, the option is undefined when omitted. */
export interface OptionSpec<Value = unknown> extends Range {
  /** The kind of value. */
  readonly type: "integer" | "number" | "boolean" | "choice" | "other";
  /** A value, or a function of the options declared before this one. */
  readonly default?: Value | ((options: Record<string, unknown>) => Value);
  /** The allowed values of a `choice`. */
  readonly choices?: readonly Value[];
  /**
   * Values of other options that this one depends on: one of a list, or any number above 0. Otherwise it has no effect.
   */
  readonly requires?: Readonly<Record<string, readonly unknown[] | "above 0">>;
  /** Whether a resumed run must keep the value. */
  readonly isFixed?: boolean;
  /** Whether there are checkpoints from before the option: where it is missing, they have the default. */
  readonly isLater?: boolean;
  /** @throws OptionError for an invalid value */
  check(option: string, value: unknown): Value;
}

/** A table of options. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** The type of an option's value. */
export type ValueOf<Spec> = Spec extends OptionSpec<infer Value> ? Value : never;

/** Options as the user passes them: each is optional. */
export type OptionsOf<Specs> = { [Name in keyof Specs]?: ValueOf<Specs[Name]> | undefined };

/** Options with every default filled in. */
export type SettledOptions<Specs> = { readonly [Name in keyof Specs]: ValueOf<Specs[Name]> };

type Traits<Value> = Pick<OptionSpec<Value>, "default" | "requires" | "isFixed" | "isLater">;

/**
 * An integer.
 *
 * @internal
 */
/* @__NO_SIDE_EFFECTS__ */
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
/* @__NO_SIDE_EFFECTS__ */
export const number = (traits: Traits<number> & Range): OptionSpec<number> => ({
  type: "number",
  ...traits,
  check: (option, value) => checkNumber(option, value, traits),
});

/**
 * A number without a default.
 *
 * @internal
 */
/* @__NO_SIDE_EFFECTS__ */
export const optionalNumber = (traits: Traits<number> & Range): OptionSpec<number | undefined> => number(traits);

/**
 * True or false.
 *
 * @internal
 */
/* @__NO_SIDE_EFFECTS__ */
export const boolean = (traits: Traits<boolean>): OptionSpec<boolean> => ({
  type: "boolean",
  ...traits,
  check: checkBoolean,
});

/**
 * True or false, without a default.
 *
 * @internal
 */
/* @__NO_SIDE_EFFECTS__ */
export const optionalBoolean = (traits: Traits<boolean>): OptionSpec<boolean | undefined> => boolean(traits);

/**
 * One of a list of names.
 *
 * @internal
 */
/* @__NO_SIDE_EFFECTS__ */
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
 * Any other type, validated by `check`.
 *
 * @internal
 */
/* @__NO_SIDE_EFFECTS__ */
export const other = <Value>(
  check: OptionSpec<Value>["check"],
  traits: Traits<NoInfer<Value>> = {},
): OptionSpec<Value> => ({ type: "other", ...traits, check });

/** The part of an AbortSignal that is used. The type AbortSignal itself needs the DOM or Node types. */
export interface AbortSignalLike {
  /** Whether the work should stop. */
  readonly aborted: boolean;
  /** Throws the reason if so. */
  throwIfAborted(): void;
}

/** Aborts long work with the signal's reason. */
export const SIGNAL: OptionSpec<AbortSignalLike | undefined> = other((option, value) => {
  const signal = value as AbortSignalLike;
  // No instanceof: the signal may come from another realm.
  if (typeof signal?.throwIfAborted === "function" && typeof signal.aborted === "boolean") return signal;
  throw new OptionError(option, "an AbortSignal", value);
});

/**
 * Validates options and fills in defaults.
 *
 * @param specs the table that declares the options
 * @param given an undefined value counts as omitted
 * @param before settled options that replace the defaults
 * @throws OptionError for an unknown option, an invalid value, or an option that the others make ineffective
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
 * Rejects unknown options.
 *
 * @throws OptionError for an unknown option, with the most similar name, and for one that is null
 */
export function refuseUnknown(names: readonly string[], given: object): void {
  if (typeof given !== "object" || given === null) throw new OptionError("options", "an object", given);
  // The entries of a Map are no properties: it would pass as no options at all. Those of an array are 0, 1, 2 …
  if (Array.isArray(given) || isA(given, "Map") || isA(given, "Set") || isA(given, "Promise"))
    throw new OptionError("options", "a plain object", given);
  for (const [option, value] of Object.entries(given)) {
    if (!names.includes(option)) {
      const near = nearest(option, names);
      const instead = Object.hasOwn(INSTEAD, option) ? INSTEAD[option] : near && `did you mean ${near}?`;
      throw OptionError.unknown(option, value, instead);
    }
    if (value === null) throw new OptionError(option, "a value, or nothing", value);
  }
}

/** The unmet requirement of an option, in words. */
function missingFor({ requires = {} }: OptionSpec, settled: Record<string, unknown>): string | undefined {
  for (const [other, wanted] of Object.entries(requires)) {
    const value = settled[other];
    if (wanted === "above 0" ? Number(value) > 0 : wanted.includes(value)) continue;
    return `${other} is ${wanted === "above 0" ? wanted : wanted.join(" or ")}`;
  }
  return undefined;
}

/**
 * Rejects options that the others make ineffective, even where they are the default. `settle` lets these pass, so that
 * settled options can be passed on.
 *
 * @throws OptionError
 */
export function refuseIneffective(specs: OptionSpecs, given: object, settled: object): void {
  for (const [option, value] of Object.entries(given)) {
    const spec = Object.hasOwn(specs, option) ? specs[option]! : undefined;
    const missing = value === undefined || !spec ? undefined : missingFor(spec, settled as Record<string, unknown>);
    if (missing) throw new OptionError(option, `no value unless ${missing}`, value);
  }
}

/** The options that a table declares. */
export const pick = <Specs extends OptionSpecs>(specs: Specs, options: object): OptionsOf<Specs> =>
  Object.fromEntries(Object.entries(options).filter(([option]) => Object.hasOwn(specs, option))) as OptionsOf<Specs>;
