import { InputError, OptionError } from "../common/errors.js";
import { listNames, quote, show } from "../common/show.js";
import { checkName } from "./options.js";

/** A column that has one value in each series. */
export interface StaticColumn {
  /** The column's name. */
  readonly name: string;
  /** The texts that it had in training, one input each; none for a column of numbers. */
  readonly categories: readonly string[];
}

/** Values of static columns, by name. */
export type Statics = Readonly<Record<string, number | string>>;

/** Guards against a column of names: each text is an input. */
const MOST_CATEGORIES = 1000;

/** What static columns hold in some series: numbers, or categories. @throws InputError for missing values */
export function describeStatics(
  names: readonly string[],
  series: readonly { readonly id?: string | undefined; readonly statics?: Statics | undefined }[],
): StaticColumn[] {
  return names.map((name) => {
    const values = series.map((one) => staticValue(name, one.statics));
    if (values.every((value) => typeof value === "number")) return { name, categories: [] };
    const categories = [...new Set(values.map(String))].sort();
    if (categories.length <= MOST_CATEGORIES) return { name, categories };
    throw new InputError(
      `static column ${quote(name)}: expected at most ${MOST_CATEGORIES} different texts, got ${categories.length}`,
    );
  });
}

/** Inputs that a static column takes. */
export const staticWidth = ({ categories }: StaticColumn): number => Math.max(1, categories.length);

/** A series' static columns as inputs: a number, or a 1 in the place of its category. An unknown one has no 1. */
export const staticInputs = (columns: readonly StaticColumn[], statics: Statics | undefined): number[] =>
  columns.flatMap(({ name, categories }) => {
    const value = staticValue(name, statics);
    if (categories.length > 0) return categories.map((category) => (category === String(value) ? 1 : 0));
    if (typeof value === "number") return [value];
    throw new InputError(`static column ${quote(name)}: expected a number, as in training, got ${quote(value)}`);
  });

function staticValue(name: string, statics: Statics | undefined): number | string {
  const value = Object.hasOwn(Object(statics), name) ? statics![name] : undefined;
  if (value === undefined) {
    const known = Object.keys(Object(statics));
    throw new InputError(
      `no static column ${quote(name)}; ${known.length > 0 ? `those of the series are ${listNames(known, name)}` : "the series has none"}`,
    );
  }
  if (typeof value === "string" ? value !== "" : Number.isFinite(value)) return value;
  throw new InputError(`static column ${quote(name)}: expected a finite number or a text, got ${show(value)}`);
}

/** Checks static columns from a file. @throws OptionError for anything but those of these names */
export function checkStatics(json: unknown, names: readonly string[]): StaticColumn[] {
  if (!Array.isArray(json) || json.length !== names.length)
    throw new OptionError("statics", `${names.length} columns`, json);
  return names.map((expected, i) => {
    const { name, categories } = Object(json[i]) as StaticColumn;
    const areTexts = Array.isArray(categories) && categories.every((one) => typeof one === "string" && one !== "");
    if (checkName("name", name) !== expected || !areTexts || new Set(categories).size < categories.length)
      throw new OptionError("statics", `the categories of ${quote(expected)}`, json[i]);
    return { name, categories: [...categories] };
  });
}
