import { InputError } from "../common/errors.js";
import { type SettledOptions, settle } from "../common/options.js";
import { listNames, quote } from "../common/show.js";
import { checkString } from "../common/validate.js";
import { MAX_HIDDEN_SIZE as MAX_DIMENSIONS } from "../model/options.js";
import {
  fillMissing,
  type LabeledSequence,
  type LabeledSequences,
  notesOf,
  SEQUENCE_OPTIONS,
  type SequenceOptions,
} from "./sequences.js";

// The format of the UEA and UCR archives (timeseriesclassification.com): comments with #, then @-lines that describe the
// problem, then a sequence per line: `dimension:dimension:…:class`, a dimension being numbers with commas between.

/** Header lines that are read; others, such as @problemName, have no effect. */
const KEYS = [
  "timestamps",
  "missing",
  "univariate",
  "dimensions",
  "equallength",
  "serieslength",
  "classlabel",
] as const;
/** As some files call them. */
const ALIASES: Readonly<Record<string, Key>> = { dimension: "dimensions", timestamp: "timestamps" };

type Key = (typeof KEYS)[number];

/** A header's line and words. */
interface Entry {
  readonly line: number;
  readonly words: readonly string[];
}

interface Header {
  /** Undefined where it is not said. */
  readonly dimensions: number | undefined;
  readonly seriesLength: number | undefined;
  /** Undefined without labels. */
  readonly classes: ReadonlySet<string> | undefined;
}

/** An empty line, or a comment: some of the archive's begin as those of ARFF files. */
const isComment = (row: string): boolean => row === "" || row.startsWith("#") || row.startsWith("%");

/**
 * Reads labeled sequences in the `.ts` format of the UEA and UCR archives: one or several dimensions, any lengths, missing
 * values as `?`. Sequences with time stamps are refused.
 *
 * @throws InputError, with the line, for a text that is not in this format
 */
export function parseTs(text: string, options: SequenceOptions = {}): LabeledSequences {
  return new TsReader(checkString("text", text), settle(SEQUENCE_OPTIONS, options)).read();
}

class TsReader {
  private readonly entries = new Map<Key, Entry>();
  private line = 0;
  private at = 0;
  private dimensions: readonly string[] = [];
  private filled = 0;

  constructor(
    private readonly text: string,
    private readonly settings: SettledOptions<typeof SEQUENCE_OPTIONS>,
  ) {}

  read(): LabeledSequences {
    this.readHeader();
    const header = this.header();
    const sequences: LabeledSequence[] = [];
    for (let row = this.next(); row !== undefined; row = this.next())
      if (!isComment(row)) sequences.push(this.sequence(row, sequences.length, header));
    if (sequences.length === 0) throw new InputError(`line ${this.line}: expected sequences below @data, got none`);
    const { dimensions, filled } = this;
    return { dimensions, classes: [...(header.classes ?? [])], sequences, notes: notesOf(filled) };
  }

  /** The next line, without the spaces around it; undefined at the end. */
  private next(): string | undefined {
    const { text, at } = this;
    if (at >= text.length) return undefined;
    const end = text.indexOf("\n", at);
    this.at = end < 0 ? text.length : end + 1;
    this.line++;
    return text.slice(at, end < 0 ? undefined : end).trim();
  }

  private readHeader(): void {
    for (let row = this.next(); row !== undefined; row = this.next()) {
      if (isComment(row)) continue;
      const [name = "", ...words] = row.split(/\s+/, MAX_WORDS);
      if (!name.startsWith("@"))
        this.refuse(`expected a line that begins with @ or #, before @data, got ${quote(row)}: is this a .ts file?`);
      const word = name.slice(1).toLowerCase();
      if (word === "data") return;
      if (word === "targetlabel" && words[0]?.toLowerCase() === "true")
        this.refuse("@targetLabel: these sequences have numbers as targets; expected classes (@classLabel)");
      const key = ALIASES[word] ?? (word as Key);
      if (!KEYS.includes(key)) continue;
      if (this.entries.has(key)) this.refuse(`${name} is given twice`);
      this.entries.set(key, { line: this.line, words });
    }
    this.line = Math.max(1, this.line);
    this.refuse("expected a line @data, and sequences below it, got the end of the text: is this a .ts file?");
  }

  private header(): Header {
    const stamps = this.entries.get("timestamps");
    if (stamps && this.flag("timestamps"))
      throw new InputError(
        `line ${stamps.line}: @timeStamps true: sequences with time stamps cannot be read; expected values alone, at ` +
          "equal distances in time",
      );
    const dimensions = this.count("dimensions") ?? (this.flag("univariate") ? 1 : undefined);
    if (dimensions !== undefined && dimensions > MAX_DIMENSIONS)
      throw new InputError(
        `line ${this.entries.get("dimensions")!.line}: @dimensions ${dimensions}: expected at most ${MAX_DIMENSIONS}`,
      );
    return { dimensions, seriesLength: this.count("serieslength"), classes: this.classes() };
  }

  /** A key's true or false; undefined where it is not given. */
  private flag(key: Key): boolean | undefined {
    const entry = this.entries.get(key);
    const word = entry?.words[0]?.toLowerCase();
    if (!entry || word === "true" || word === "false") return entry && word === "true";
    throw new InputError(`line ${entry.line}: @${key}: expected true or false, got ${quote(entry.words[0] ?? "")}`);
  }

  private count(key: Key): number | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    const [word = ""] = entry.words;
    if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
    throw new InputError(`line ${entry.line}: @${key}: expected a number above 0, got ${quote(word)}`);
  }

  private classes(): ReadonlySet<string> | undefined {
    if (!this.flag("classlabel")) return undefined;
    const { line, words } = this.entries.get("classlabel")!;
    const names = words.slice(1);
    const classes = new Set(names);
    if (names.length > 0 && classes.size === names.length) return classes;
    throw new InputError(`line ${line}: @classLabel true: expected the names of the classes, each once`);
  }

  private sequence(row: string, index: number, { dimensions, seriesLength, classes }: Header): LabeledSequence {
    const parts = row.split(":", MAX_DIMENSIONS + 2);
    const label = classes ? parts.pop()!.trim() : undefined;
    const width = dimensions ?? (this.dimensions.length || Math.min(parts.length, MAX_DIMENSIONS));
    if (this.dimensions.length === 0) this.dimensions = Array.from({ length: width }, (_, d) => String(d + 1));
    if (parts.length !== width)
      this.refuse(
        `expected ${width} dimension${width === 1 ? "" : "s"}${classes ? " and a class" : ""} with colons between, got ` +
          `${parts.length > MAX_DIMENSIONS ? `more than ${MAX_DIMENSIONS}` : parts.length}` +
          (classes && parts.length === width - 1 ? ": the class is missing" : ""),
      );
    if (classes && !classes.has(label!))
      this.refuse(
        label === ""
          ? "the class is missing"
          : `class ${quote(label!)} is not among those of @classLabel: ${listNames([...classes], label!)}`,
      );
    const columns = parts.map((part, d) => this.numbers(part, d));
    const length = columns[0]!.length;
    const odd = columns.findIndex((column) => column.length !== length);
    if (odd > 0)
      this.refuse(
        `dimension ${odd + 1} has ${columns[odd]!.length} values, dimension 1 has ${length}: expected as many`,
      );
    if (seriesLength !== undefined && this.flag("equallength") && length !== seriesLength)
      this.refuse(`expected ${seriesLength} values in each dimension, as @seriesLength says, got ${length}`);
    const values = new Float64Array(length * width);
    for (const [d, column] of columns.entries())
      for (const [t, value] of column.entries()) values[t * width + d] = value;
    this.filled += fillMissing(values, { line: this.line, dimensions: this.dimensions });
    return { id: String(index + 1), values, label };
  }

  private numbers(part: string, dimension: number): readonly number[] {
    if (part.trim() === "") this.refuse(`dimension ${dimension + 1} is empty`);
    const numbers: number[] = [];
    for (let at = 0; at <= part.length; ) {
      const end = part.indexOf(",", at);
      const word = part.slice(at, end < 0 ? undefined : end).trim();
      at = end < 0 ? part.length + 1 : end + 1;
      const isMissing = word === "?" || word.toLowerCase() === "nan";
      const value = isMissing || word === "" ? Number.NaN : Number(word);
      if (isMissing ? this.settings.missing === "error" : !Number.isFinite(value)) {
        const where = `dimension ${dimension + 1}, value ${numbers.length + 1}`;
        const stamped = word.startsWith("(") ? ": sequences with time stamps cannot be read" : "";
        this.refuse(
          isMissing
            ? `${where} is missing: set \`missing: "interpolate"\` to fill in such values`
            : `${where}: expected a number, got ${quote(word)}${stamped}`,
        );
      }
      numbers.push(value);
    }
    return numbers;
  }

  private refuse(why: string): never {
    throw new InputError(`line ${this.line}: ${why}`);
  }
}

/** Words of a header line: more classes than these have no use. */
const MAX_WORDS = 100_000;
