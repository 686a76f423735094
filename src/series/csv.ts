import { InputError } from "../common/errors.js";
import { listNames, quote } from "../common/show.js";
import { checkArray, checkString } from "../common/validate.js";

/** Longest quotation of a cell in a message, in UTF-16 units: enough to find it. */
const QUOTED_LENGTH = 40;
/** Plain decimal or exponent form. No thousands separators, no hexadecimal, no words. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A table of strings. */
export interface CsvTable {
  /** The columns' names, without surrounding spaces. */
  header: string[];
  /** The unparsed cells of each row, as many as in the header. */
  rows: string[][];
  /** The line on which each row starts, counted from 1. */
  lines: number[];
}

/** One record: the header, a row, or a blank line at the end. */
interface CsvRecord {
  cells: string[];
  line: number;
  blank: boolean;
}

/**
 * Parses comma-separated values (RFC 4180): cells in quotes may hold commas, line breaks and doubled quotes; lines end
 * in LF or CRLF. The first record is the header. A byte order mark and blank lines at the end are ignored.
 *
 * @throws InputError, with the line, for a missing header, an empty or repeated column name, a row whose length differs
 *   from the header's, or a stray quote or carriage return
 */
export function parseCsv(text: string): CsvTable {
  const records = new CsvReader(text.startsWith("\ufeff") ? text.slice(1) : text).records();
  while (records.at(-1)?.blank) records.pop();
  const first = records.shift();
  if (!first) throw new InputError("the CSV text is empty: expected a header line with the names of the columns");
  const header = first.cells.map((name) => name.trim());
  checkHeader(header, first.line);
  for (const { cells, line } of records) {
    if (cells.length !== header.length)
      throw new InputError(`line ${line}: expected ${header.length} cells, as in the header, got ${cells.length}`);
  }
  return { header, rows: records.map(({ cells }) => cells), lines: records.map(({ line }) => line) };
}

/**
 * Parses named columns of a CSV text (RFC 4180, with a header) as numbers. Numbers are in decimal or exponent form,
 * with a decimal point, and may be surrounded by spaces.
 *
 * @throws InputError, with the line, for a missing column, a cell that is not a finite number, or a text that is not
 *   valid CSV
 */
export function parseCsvColumns(text: string, names: readonly string[]): Map<string, Float64Array> {
  checkArray("names", names);
  const { header, rows, lines } = parseCsv(checkString("text", text));
  const places = new Map(header.map((name, index) => [name, index]));
  const columns = new Map<string, Float64Array>();
  for (const name of names) {
    const index = places.get(checkString("names", name));
    if (index === undefined)
      throw new InputError(`no column ${quote(name)}; the columns are ${listNames(header, name)}`);
    const values = rows.map((cells, r) => {
      const value = toNumber(cells[index]!);
      if (value !== undefined) return value;
      const place = `line ${lines[r]}, column ${quote(name)}`;
      throw new InputError(`${place}: expected a number, got ${quoted(cells[index]!)}`);
    });
    columns.set(name, Float64Array.from(values));
  }
  return columns;
}

function checkHeader(header: readonly string[], line: number): void {
  const names = new Set<string>();
  for (const [index, name] of header.entries()) {
    if (name === "") throw new InputError(`line ${line}: column ${index + 1} has no name`);
    if (names.has(name)) throw new InputError(`line ${line}: two columns are named ${quote(name)}`);
    names.add(name);
  }
}

function toNumber(cell: string): number | undefined {
  const trimmed = cell.trim();
  const value = Number(trimmed);
  return NUMBER.test(trimmed) && Number.isFinite(value) ? value : undefined;
}

const quoted = (cell: string): string => quote(cell.length > QUOTED_LENGTH ? `${cell.slice(0, QUOTED_LENGTH)}…` : cell);

/** Reads the records of a text. */
class CsvReader {
  private at = 0;
  private line = 1;

  constructor(private readonly text: string) {}

  records(): CsvRecord[] {
    const records: CsvRecord[] = [];
    while (this.at < this.text.length) records.push(this.record());
    return records;
  }

  private record(): CsvRecord {
    const { at: start, line } = this;
    const cells = [this.cell()];
    while (this.text[this.at] === ",") {
      this.at++;
      cells.push(this.cell());
    }
    const blank = this.text.slice(start, this.at).trim() === "";
    this.endLine();
    return { cells, line, blank };
  }

  private cell(): string {
    if (this.text[this.at] === '"') return this.quotedCell();
    const plain = /[^,"\r\n]*/y;
    plain.lastIndex = this.at;
    const cell = plain.exec(this.text)![0];
    this.at += cell.length;
    return cell;
  }

  private quotedCell(): string {
    const opened = this.line;
    let cell = "";
    for (;;) {
      const from = this.at + 1;
      const to = this.text.indexOf('"', from);
      if (to < 0) throw new InputError(`line ${opened}: a quoted cell is never closed`);
      const piece = this.text.slice(from, to);
      cell += piece;
      this.line += piece.split("\n").length - 1;
      this.at = to + 1;
      if (this.text[this.at] !== '"') return cell;
      cell += '"';
    }
  }

  /** Reads the end of a record: a line break or the end of the text. */
  private endLine(): void {
    const { text, at, line } = this;
    if (at === text.length) return;
    const length = text.startsWith("\r\n", at) ? 2 : 1;
    if (length === 1 && text[at] !== "\n") {
      if (text[at] === "\r") throw new InputError(`line ${line}: a carriage return without a line feed`);
      if (text[at] === '"')
        throw new InputError(`line ${line}: a quote inside an unquoted cell: quote the cell and double the quote`);
      throw new InputError(`line ${line}: expected a comma or a line break after the closing quote`);
    }
    this.at += length;
    this.line++;
  }
}
