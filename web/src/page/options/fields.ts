import { OptionError, type OptionSpec } from "lstm-wasm";
import { parseNumber } from "../elements/number-text.js";
import { labelOf } from "./labels.js";

/** A library's option, or a setting of the page's own, which need not check itself. */
export interface FieldSpec extends Omit<OptionSpec, "check"> {
  readonly check?: OptionSpec["check"];
  /** What an empty field means, where there is no default. */
  readonly placeholder?: string;
}

/** A form's field for an option. */
export interface Field {
  readonly option: string;
  /** The name of the table that declares it. */
  readonly table: string;
  readonly spec: FieldSpec;
}

export type Fields = Readonly<Record<string, Field>>;

/** What the fields of a form hold, by option: text as it was typed, or whether a box is checked. */
export type Values = Readonly<Record<string, string | boolean>>;

/**
 * Fields for the options of a table.
 *
 * @param omit options without a field
 */
export const fieldsOf = (
  table: string,
  specs: Readonly<Record<string, FieldSpec>>,
  omit: readonly string[] = [],
): Fields =>
  Object.fromEntries(
    Object.entries(specs)
      .filter(([option]) => !omit.includes(option))
      .map(([option, spec]) => [option, { option, table, spec }]),
  );

/** A form after a change of one field. */
export const withValue = <Form extends { readonly values: Values }>(
  form: Form,
  option: string,
  value: string | boolean,
): Form => ({ ...form, values: { ...form.values, [option]: value } });

/** Some of the fields, in that order. */
export const pick = (fields: Fields, options: readonly string[]): Field[] => options.map((option) => fields[option]!);

/** The fields but for some. */
export const rest = (fields: Fields, options: readonly string[]): Field[] =>
  Object.values(fields).filter(({ option }) => !options.includes(option));

/** Whether a default depends on other options. Its field is then empty until the user chooses. */
export const isComputed = ({ default: usual }: FieldSpec): boolean => typeof usual === "function";

/** What the fields hold for some options; the other fields hold their defaults. */
export const fill = (fields: Fields, options: object): Values =>
  Object.fromEntries(
    Object.values(fields).map(({ option, spec }) => [option, contentOf(spec, option, options as Options)]),
  );

type Options = Readonly<Record<string, unknown>>;

function contentOf(spec: FieldSpec, option: string, options: Options): string | boolean {
  const value = options[option] ?? (isComputed(spec) ? undefined : spec.default);
  if (spec.type === "boolean" && !isComputed(spec)) return value === true;
  const isDefault = isComputed(spec) && value === defaultOf(spec, options);
  return value === undefined || value === Number.MAX_SAFE_INTEGER || isDefault ? "" : String(value);
}

const defaultOf = ({ default: usual }: FieldSpec, options: Options): unknown =>
  typeof usual === "function" ? usual(options) : usual;

/** What stands in an empty field of a form: its default. */
export function placeholderOf({ spec }: Field, fields: Fields, values: Values): string {
  const usual = defaultOf(spec, parsed(fields, values));
  if (usual === Number.MAX_SAFE_INTEGER) return "all";
  return usual === undefined ? (spec.placeholder ?? "automatic") : String(usual);
}

/** What computed defaults depend on: texts as the numbers that they are, empty ones as their defaults. */
const parsed = (fields: Fields, values: Values): Options =>
  Object.fromEntries(
    Object.entries(values).map(([option, content]) => [
      option,
      content === ""
        ? fields[option]?.spec.default
        : typeof content === "string"
          ? (parseNumber(content) ?? content)
          : content,
    ]),
  );

/** Why an option has no effect beside the others. */
export interface Missing {
  readonly reason: string;
  /** Whether it belongs to another choice, so that its field would be in the way. */
  readonly isHidden: boolean;
}

/** Why a field's option has no effect, if so. */
export function missingFor({ spec: { requires = {} } }: Field, values: Values): Missing | undefined {
  for (const [other, wanted] of Object.entries(requires)) {
    const value = values[other];
    const isMet = (one: unknown) => (typeof one === "number" ? Number(value) === one : value === one);
    if (wanted === "above 0" ? Number(value) > 0 : wanted.some(isMet)) continue;
    const what = wanted === "above 0" ? wanted : wanted.join(" or ");
    return {
      reason: `Has no effect unless “${labelOf(other)}” is ${what}.`,
      isHidden: wanted !== "above 0" && wanted.some((one) => typeof one === "string"),
    };
  }
  return undefined;
}

/** The options whose fields are to be seen. */
export const shownOptions = (fields: Fields, values: Values): string[] =>
  Object.values(fields)
    .filter((field) => !missingFor(field, values)?.isHidden)
    .map(({ option }) => option);

/**
 * The options that a form's fields describe, without those that have no effect.
 *
 * @param isWanted which fields to read; by default all
 * @throws OptionError for the first that is not allowed
 */
export function read(fields: Fields, values: Values, isWanted = (_: Field) => true): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const field of Object.values(fields)) {
    if (!isWanted(field) || missingFor(field, values)) continue;
    const content = values[field.option];
    const value =
      typeof content !== "string" || content.trim() !== ""
        ? readContent(field, content)
        : isNumber(field.spec)
          ? defaultOf(field.spec, parsed(fields, values))
          : undefined;
    if (value !== undefined) options[field.option] = value;
  }
  return options;
}

const isNumber = ({ type }: FieldSpec): boolean => type === "integer" || type === "number";

/** @throws OptionError for a content that is not allowed */
function readContent({ option, spec }: Field, content: string | boolean | undefined): unknown {
  const check = (value: unknown) => (spec.check ? spec.check(option, value) : value);
  if (typeof content !== "string") return content;
  if (spec.type === "boolean") return content === "true";
  if (!isNumber(spec)) return check(content);
  const number = parseNumber(content);
  if (number !== undefined) return check(number);
  const pointed = content.trim().replace(",", ".");
  if (spec.type === "number" && parseNumber(pointed) !== undefined)
    throw new OptionError(option, `a number with a decimal point, such as ${pointed}`, content);
  // The library says what it expects.
  check(content);
  throw new OptionError(option, spec.type === "integer" ? "an integer" : "a number", content);
}

/** A field of a choice that offers these alone. */
export const withChoices = (field: Field, choices: readonly string[]): Field => ({
  ...field,
  spec: { ...field.spec, choices },
});
