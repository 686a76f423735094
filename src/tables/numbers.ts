import { InputError, OptionError } from "../common/errors.js";
import { quote } from "../common/show.js";

/** The character before the decimals. */
export type Decimal = "." | ",";

/** Cells that stand for no value: what spreadsheets, pandas and R write, in lower case. */
const MISSING = new Set(["", "na", "n/a", "#n/a", "nan", "-nan", "null", "none", "nil", "<na>", ".", "-", "–", "?"]);
/** Logical values in lower case: as programs write them, as spreadsheets do in other languages, and as people do. */
const YES = [
  "true",
  "yes",
  "on",
  "wahr",
  "ja",
  "vrai",
  "oui",
  "verdadero",
  "sí",
  "vero",
  "sì",
  "verdadeiro",
  "sim",
  "waar",
];
const NO = ["false", "no", "off", "falsch", "nein", "faux", "non", "falso", "não", "onwaar", "nee"];
const LOGICAL = new Map([...YES.map((word) => [word, 1] as const), ...NO.map((word) => [word, 0] as const)]);
/** What may stand around a number: spaces, currencies and a percent sign. Tried where a run of them begins, not at each of them. */
const AROUND = /^[\s\p{Sc}]+|(?<![\s\p{Sc}%])[\s\p{Sc}%]+$/gu;
/** Separators of thousands besides point and comma: spaces of several widths, apostrophes, underscores. */
const THOUSANDS = /(?<=\d)[ \u00a0\u2007\u2009\u202f'’_](?=\d{3})/g;
/** Digits with points and commas, an exponent (Fortran's has a D). */
const NUMBER = /^([\d.,]+)(?:[ed]([+-]?\d+))?$/i;

/** Whether a cell stands for no value. */
export const isMissing = (cell: string): boolean => MISSING.has(cell.trim().toLowerCase());

/** Whether a cell is a number in any notation. */
export const looksLikeNumber = (cell: string): boolean => {
  const parts = partsOf(cell);
  return parts !== undefined && (readDigits(parts.digits, ".") ?? readDigits(parts.digits, ",")) !== undefined;
};

/** A number's parts: its sign, its digits with points and commas, its exponent. */
interface Parts {
  readonly sign: 1 | -1;
  readonly digits: string;
  readonly exponent: string;
}

function partsOf(cell: string): Parts | undefined {
  let text = cell.trim().replace(/^(['"])(.*)\1$/, "$2");
  let sign: 1 | -1 = 1;
  const inBrackets = /^\((.*)\)$/.exec(text);
  if (inBrackets) {
    // As accountants write negative numbers.
    sign = -1;
    text = inBrackets[1]!;
  }
  text = text.replace(/[−‒–]/g, "-").replace(AROUND, "");
  const signed = /^([+-])[\s\p{Sc}]*/u.exec(text);
  if (signed) {
    if (signed[1] === "-") sign = sign === 1 ? -1 : 1;
    text = text.slice(signed[0].length);
  }
  const match = NUMBER.exec(text.replace(THOUSANDS, ""));
  return match ? { sign, digits: match[1]!, exponent: match[2] ?? "" } : undefined;
}

/** Digits as JavaScript reads them; undefined where points and commas are not where they would be. */
function readDigits(digits: string, decimal: Decimal): string | undefined {
  const group = decimal === "." ? "," : ".";
  const [whole = "", fraction, ...more] = digits.split(decimal);
  if (more.length > 0 || fraction?.includes(group) || (whole === "" && !fraction)) return undefined;
  const groups = whole.split(group);
  const isGrouped = groups.length > 1 && groups.every((part, i) => (i === 0 ? /^\d{1,3}$/ : /^\d{3}$/).test(part));
  if (groups.length > 1 && !isGrouped) return undefined;
  return `${groups.join("")}.${fraction ?? ""}`;
}

/**
 * Reads a number: with thousands separators, currency signs, a percent sign (12 % is 12), a Fortran exponent, brackets for
 * a minus, in single quotes; `true` and `yes` are 1, `false` and `no` are 0, in
 * several languages.
 *
 * @returns undefined for anything else, and what is not finite
 */
export function parseNumber(cell: string, decimal: Decimal): number | undefined {
  const logical = LOGICAL.get(cell.trim().toLowerCase());
  if (logical !== undefined) return logical;
  const parts = partsOf(cell);
  const digits = parts && readDigits(parts.digits, decimal);
  if (digits === undefined) return undefined;
  const value = parts!.sign * Number(`${digits}e${parts!.exponent || 0}`);
  return Number.isFinite(value) ? value : undefined;
}

/** A cell, and where it is. */
export interface Cell {
  readonly text: string;
  readonly line: number;
  readonly column: string;
}

/**
 * Which of point and comma stands before the decimals, told by the numbers that can be read in one way only.
 *
 * @param delimiter between the cells: with a semicolon, a comma in a number is a decimal one
 * @throws InputError where numbers contradict one another, or all could be either
 */
export function decimalOf(cells: Iterable<Cell>, delimiter: string | undefined): Decimal {
  const proof: { [Mark in Decimal]?: Cell } = {};
  /** The first cell of each column that could be a fraction or thousands, by its only mark. */
  const unclear = { ".": new Map<string, Cell>(), ",": new Map<string, Cell>() };
  const columnsWithIntegers = new Set<string>();
  for (const cell of cells) {
    const { digits = "" } = partsOf(cell.text) ?? {};
    if (/^\d+$/.test(digits)) columnsWithIntegers.add(cell.column);
    else {
      const asPoint = readDigits(digits, ".") !== undefined;
      const asComma = readDigits(digits, ",") !== undefined;
      const cells = unclear[digits.includes(",") ? "," : "."];
      if (asPoint && asComma) cells.set(cell.column, cells.get(cell.column) ?? cell);
      else if (asPoint) proof["."] ??= cell;
      else if (asComma) proof[","] ??= cell;
    }
  }
  const [point, comma] = [proof["."], proof[","]];
  if (point && comma)
    throw new InputError(
      `the decimal separator is a point in ${shown(point)}, and a comma in ${shown(comma)}: correct one, or set \`decimal\``,
    );
  if (point) return ".";
  if (comma) return ",";
  const [[byPoint], [byComma]] = [[...unclear["."].values()], [...unclear[","].values()]];
  // 1,234 in a file whose cells a comma separates can only have come from quotes: there it separates thousands. Between
  // semicolons it is a decimal comma, as in the spreadsheets that write them.
  if (byComma && !byPoint) return delimiter === ";" ? "," : delimiter === "," ? "." : refuseUnclear(byComma);
  if (byPoint && byComma) return refuseUnclear(byPoint);
  // Decimals are mostly written out to the same length; thousands have no separator below a thousand.
  const mixed = [...unclear["."].values()].find(({ column }) => columnsWithIntegers.has(column));
  return mixed && delimiter !== "," ? refuseUnclear(mixed) : ".";
}

function refuseUnclear(cell: Cell): never {
  throw new InputError(
    `${shown(cell)} could be a fraction or thousands: set \`decimal\` to the character before decimals, "." or ","`,
  );
}

const shown = ({ text, line, column }: Cell): string => `line ${line}, column ${quote(column)} (${quote(text)})`;

/** @internal */
export function checkDecimal(option: string, value: unknown): Decimal {
  if (value === "." || value === ",") return value;
  throw new OptionError(option, '"." or ","', value);
}
