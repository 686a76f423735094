import Papa from "papaparse";
import { InputError, OptionError } from "../common/errors.js";
import { boolean, type OptionsOf, other, type SettledOptions } from "../common/options.js";
import { listNames, quote } from "../common/show.js";
import { checkString } from "../common/validate.js";
import { looksLikeDate } from "./dates.js";
import { looksLikeNumber } from "./numbers.js";

/** How a text is split into cells. */
export const CSV_OPTIONS = {
  /** Character between cells. Default: comma, semicolon, tab or vertical bar, whichever the text has. */
  delimiter: other<string | undefined>(checkDelimiter),
  /** Whether the first line names the columns. Otherwise they are named 1, 2, 3 and so on. */
  header: boolean({ default: true }),
};

/** Options of how a text is split into cells. */
export interface CsvOptions extends OptionsOf<typeof CSV_OPTIONS> {}

/** A table of strings. */
export interface CsvTable {
  /** The columns' names, without surrounding spaces. They may be empty or repeated. */
  readonly header: readonly string[];
  /** The unparsed cells of each row, as many as in the header. */
  readonly rows: readonly (readonly string[])[];
  /** The line on which each row starts, counted from 1. */
  readonly lines: readonly number[];
  /** The character between cells; absent in a table with a single column. */
  readonly delimiter: string | undefined;
  /** What was left out, for the user. */
  readonly notes: readonly string[];
}

const DELIMITERS = [",", ";", "\t", "|"];
/** In place of a delimiter where there is a single column: ASCII's unit separator, which no table for people has. */
const NO_DELIMITER = "\u001f";
/** Lines by which the delimiter is chosen. */
const SAMPLE = 100;
/** First cells of a last row that sums up the others. */
const TOTAL = /^(?:(?:grand|sub)[ -]?)?(?:total|sum|average|mean|gesamt|summe)s?:?$/i;

function checkDelimiter(option: string, value: unknown): string {
  const delimiter = value === "\\t" || value === "tab" ? "\t" : value;
  if (typeof delimiter === "string" && delimiter.length === 1 && !/["\r\n\ufeff\w]/.test(delimiter)) return delimiter;
  throw new OptionError(option, "one character, such as , or ; or tab", value);
}

/** One record of the text. */
interface CsvRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

/**
 * Splits delimited text into cells, as spreadsheets and data frames write it: any line ends, quoted cells (RFC 4180), a
 * byte order mark, Excel's `sep=` line, `#` comments, blank lines, a delimiter at the end of each line, a first column
 * without a name, and notes or totals below the table.
 *
 * @throws InputError, with line and delimiter, for a text without rows, a missing header, a row with more cells than the
 *   header, or a quoted cell that is never closed
 */
export function splitCsv(text: string, settings: SettledOptions<typeof CSV_OPTIONS>): CsvTable {
  const lines = checkString("text", text)
    .replace(/^\ufeff/, "")
    .replace(/\r\n?/g, "\n");
  const preamble = preambleOf(lines);
  const body = lines.slice(preamble.length);
  const delimiter = settings.delimiter ?? preamble.delimiter ?? delimiterOf(body, preamble.hasComments);
  const all = recordsOf(body, delimiter, preamble.hasComments, preamble.lines);
  const records = withoutBlanks(all);
  if (records.length === 0)
    throw new InputError("the table is empty: expected a line with the names of the columns, and rows below it");
  const named = preamble.hasComments ? namesInComment(preamble.text, records[0]!, delimiter) : undefined;
  const first = named ?? records[0]!;
  const header = settings.header ? first.cells.map((name) => name.trim()) : first.cells.map((_, i) => String(i + 1));
  if (settings.header) checkHeader(first);
  const rows = settings.header && !named ? records.slice(1) : records;
  // R's write.table names every column but that of the row numbers.
  const isShifted = rows.length > 0 && rows.every(({ cells }) => cells.length === header.length + 1 && cells[0] !== "");
  if (isShifted && rows.some(({ cells }) => cells.at(-1)!.trim() !== "") && settings.header) header.unshift("");
  const notes: string[] = [];
  const table = withoutFooter(
    rows.map((row) => fitted(row, header, delimiter)),
    header.length,
    notes,
  );
  if (table.length === 0) throw new InputError("the table has no rows below the names of the columns");
  return {
    header,
    rows: table.map(({ cells }) => cells),
    lines: table.map(({ line }) => line),
    delimiter: delimiter === NO_DELIMITER ? undefined : delimiter,
    notes,
  };
}

/** The delimiter of a table, as a message shows it. */
export const shownDelimiter = (delimiter: string | undefined): string =>
  delimiter === undefined ? "no delimiter" : `delimiter ${quote(delimiter)}`;

const indices = new WeakMap<CsvTable, ReadonlyMap<string, number[]>>();

/** The places of each name: to look for every column among all of them would take the square of their number. */
function placesIn(table: CsvTable): ReadonlyMap<string, readonly number[]> {
  const known = indices.get(table);
  if (known) return known;
  const places = new Map<string, number[]>();
  for (const [place, name] of table.header.entries()) {
    const others = places.get(name);
    if (others) others.push(place);
    else places.set(name, [place]);
  }
  indices.set(table, places);
  return places;
}

/** A column's place. @throws InputError for a column that is missing or not the only one of its name */
export function placeOf(table: CsvTable, name: string): number {
  const { header, delimiter } = table;
  const [place, other] = placesIn(table).get(name) ?? [];
  if (place === undefined)
    throw new InputError(
      `no column ${quote(name)}; with ${shownDelimiter(delimiter)}, the columns are ` +
        listNames(header.filter(Boolean), name),
    );
  if (other !== undefined)
    throw new InputError(`columns ${place + 1} and ${other + 1} are both named ${quote(name)}: rename one of them`);
  return place;
}

/** What stands above the table: blank lines, comments, Excel's `sep=;`. */
function preambleOf(text: string) {
  let length = 0;
  let hasComments = false;
  let delimiter: string | undefined;
  for (const line of text.matchAll(/[^\n]*(?:\n|$)/g)) {
    const content = line[0].trim();
    const separator = /^sep=(.)$/i.exec(line[0].replace(/\n$/, ""));
    const isComment = content.startsWith("#");
    if (line[0] === "" || (content !== "" && !isComment && !separator)) break;
    hasComments ||= isComment;
    delimiter ??= separator?.[1];
    length += line[0].length;
  }
  const above = text.slice(0, length);
  return { length, hasComments, delimiter, text: above, lines: count(above, "\n") };
}

/** The names of a table's columns where NumPy has put them in a comment: `# a,b` above rows of as many numbers. */
function namesInComment(above: string, first: CsvRecord, delimiter: string): CsvRecord | undefined {
  if (!first.cells.every(isValue)) return undefined;
  const lines = above.trimEnd().split("\n");
  const cells = lines
    .at(-1)!
    .replace(/^\s*#\s*/, "")
    .split(delimiter);
  return cells.length === first.cells.length && !cells.every(isValue) ? { cells, line: lines.length } : undefined;
}

const isValue = (cell: string): boolean => cell.trim() === "" || looksLikeNumber(cell) || looksLikeDate(cell);

/** The delimiter with which the rows have as many cells as the header, and the more the better. */
function delimiterOf(body: string, hasComments: boolean): string {
  let best = { delimiter: NO_DELIMITER, fit: 0, width: 1 };
  for (const delimiter of DELIMITERS) {
    const { data } = Papa.parse<string[]>(body, {
      delimiter,
      newline: "\n",
      preview: SAMPLE,
      comments: hasComments ? "#" : false,
      skipEmptyLines: true,
    });
    const [header = [], ...rows] = data;
    const width = header.length;
    // Not where each row of a single column is split at its decimal comma.
    if (width < 2) continue;
    const fit = rows.filter(({ length }) => length === width || length === width + 1).length / Math.max(1, rows.length);
    if (fit > best.fit || (fit === best.fit && width > best.width)) best = { delimiter, fit, width };
  }
  return best.delimiter;
}

function recordsOf(body: string, delimiter: string, hasComments: boolean, linesAbove: number): CsvRecord[] {
  const records: CsvRecord[] = [];
  let line = linesAbove + 1;
  let read = 0;
  Papa.parse<string[]>(body, {
    delimiter,
    newline: "\n",
    comments: hasComments ? "#" : false,
    step({ data: cells, errors, meta: { cursor } }) {
      const piece = body.slice(read, cursor);
      const start = line + (hasComments ? commentLinesBefore(piece) : 0);
      line += count(piece, "\n");
      read = cursor;
      const [error] = errors;
      if (error?.code === "MissingQuotes")
        throw new InputError(`line ${start}: a quoted cell is never closed, or the quote inside it is not doubled`);
      if (error?.code === "InvalidQuotes")
        throw new InputError(`line ${start}: expected ${shownDelimiter(delimiter)} after the closing quote`);
      records.push({ cells, line: start });
    },
  });
  return records;
}

/** Papa Parse passes over comments: how many there are before a row. */
const commentLinesBefore = (piece: string): number => count(/^(?:#[^\n]*\n)*/.exec(piece)![0], "\n");

const isBlank = ({ cells }: CsvRecord): boolean => cells.every((cell) => cell.trim() === "");

/** Leaves out blank lines. In a single column, one between values is a cell without a value. */
function withoutBlanks(records: readonly CsvRecord[]): CsvRecord[] {
  const last = records.findLastIndex((record) => !isBlank(record));
  const kept = records.slice(
    records.findIndex((record) => !isBlank(record)),
    last + 1,
  );
  return kept.every(({ cells }) => cells.length === 1) ? kept : kept.filter((record) => !isBlank(record));
}

/** @throws InputError where the first line has no names, but values */
function checkHeader({ cells, line }: CsvRecord): void {
  if (!cells.every(isValue)) return;
  const shown = quote(cells.join(" "));
  throw new InputError(
    `line ${line}: expected the names of the columns, got values (${shown}): add a first line with names, ` +
      "or set `header: false`, to name the columns 1, 2, 3 …",
  );
}

/** A row with as many cells as the header has. @throws InputError for more of them */
function fitted({ cells, line }: CsvRecord, header: readonly string[], delimiter: string): CsvRecord {
  const { length } = header;
  if (cells.length > length && cells.slice(length).some((cell) => cell.trim() !== ""))
    throw new InputError(
      `line ${line}: expected ${length} cells, as in the header, got ${cells.length} with ` +
        `${shownDelimiter(delimiter === NO_DELIMITER ? undefined : delimiter)}: quote cells that have it inside, ` +
        "or set `delimiter`",
    );
  if (cells.length === length) return { cells, line };
  return { cells: Array.from({ length }, (_, i) => cells[i] ?? ""), line };
}

/** Leaves out notes below the table, which have a single cell, and a row of totals. */
function withoutFooter(rows: readonly CsvRecord[], width: number, notes: string[]): CsvRecord[] {
  const kept = [...rows];
  const isNote = ({ cells }: CsvRecord) => {
    const filled = cells.filter((cell) => cell.trim() !== "");
    return filled.length === 1 && cells[0]!.trim() !== "" && !isValue(cells[0]!);
  };
  // Before it there may be an index without a number.
  const isTotal = ({ cells }: CsvRecord) => TOTAL.test((cells.find((cell) => cell.trim() !== "") ?? "").trim());
  while (width > 1 && kept.length > 0 && (isNote(kept.at(-1)!) || isTotal(kept.at(-1)!))) {
    const { cells, line } = kept.pop()!;
    notes.unshift(`left out line ${line}, below the table: ${quote(cells.filter(Boolean).join(" "))}`);
  }
  return kept;
}

const count = (text: string, character: string): number => text.split(character).length - 1;
