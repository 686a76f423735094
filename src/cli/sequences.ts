import { getClassifier, isClassifier } from "../classification/classifier.js";
import { readLabeledCsv } from "../classification/labeled-csv.js";
import type { LabeledSequences } from "../classification/sequences.js";
import { parseTs } from "../classification/ts-format.js";
import { InputError, OptionError } from "../common/errors.js";
import type { Model } from "../model/model.js";
import { type Flag, given, UsageError } from "./flags.js";
import { shownPath } from "./paths.js";
import { type Source, storedSource } from "./source.js";
import { TABLE_FLAGS, tableReading } from "./tables.js";
import { checkEncoding, readText, type TextReading } from "./texts.js";

/** Where sequences are, and how they are read. */
export interface SequenceSource extends Pick<Source, "ts" | "csv" | "label" | "columns" | "table"> {
  /** Whether the table is a single sequence, with a row per step. */
  readonly isWhole?: boolean;
}

/** Flags of how the sequences of a CSV file are read. */
export const SEQUENCE_FLAGS = {
  id: {
    value: "NAME",
    help:
      "column that tells sequences apart, which have a row per step (default: each row is a sequence, and its columns " +
      "are the steps)",
  },
  label: { value: "NAME", help: "column with the class of each sequence" },
} as const satisfies Record<string, Flag>;

/** Flags that name sequences for a model, and say how these are read. */
export const FILE_FLAGS = {
  ts: { value: "FILE", help: "sequences, in the .ts format of the UEA and UCR archives" },
  csv: { value: "FILE", help: "table of sequences" },
  ...SEQUENCE_FLAGS,
  ...TABLE_FLAGS,
} as const;

/** The values of {@link FILE_FLAGS}. */
export type FileFlags = { readonly [Name in "ts" | "csv" | "id" | "label" | "encoding"]?: string } & Readonly<
  Record<string, unknown>
>;

/**
 * Reads the sequences of a file.
 *
 * @throws InputError, UsageError for a file that has no such sequences
 */
export async function readSequences(source: SequenceSource, reading: TextReading = {}): Promise<LabeledSequences> {
  const { ts, csv, label, columns, table = {} } = source;
  const path = ts ?? csv!;
  checkEncoding(reading.encoding);
  const text = await readText(path, reading);
  try {
    if (ts === undefined) return readLabeledCsv(text, { ...table, label, columns, isWhole: source.isWhole });
    const { missing } = table;
    if (missing === "drop") throw new OptionError("missing", "error or interpolate with --ts", missing);
    return parseTs(text, { missing });
  } catch (error) {
    if (!(error instanceof InputError) || error instanceof OptionError) throw error;
    throw new InputError(`${shownPath(path)}: ${error.message}`, { cause: error });
  }
}

/**
 * Reads the file that flags name as the training data of the model were read, unless the flags say otherwise.
 *
 * @throws as {@link readSequences}
 */
export function readSequencesFor(model: Model, flags: FileFlags): Promise<LabeledSequences> {
  const { ts, csv, encoding } = flags;
  if ((ts === undefined) === (csv === undefined)) throw new UsageError("either --ts FILE or --csv FILE is needed");
  const stored = storedSource(model);
  const table = { ...stored.table, ...tableReading(flags), ...given({ id: flags.id }) };
  if (ts !== undefined) return readSequences({ ts, table }, { encoding });
  const label = flags.label ?? stored.label;
  // With a row per sequence, the columns are steps, of which there may be more or fewer.
  const dimensions = isClassifier(model) && table.id !== undefined ? getClassifier(model).dimensions : undefined;
  const columns = dimensions ?? stored.columns;
  const isWhole = !isClassifier(model) && table.id === undefined;
  return readSequences({ csv: csv!, table, isWhole, ...given({ label, columns }) }, { encoding });
}

/** What there is to say of sequences that were read. */
export function describeSequences({ sequences, dimensions, notes = [] }: LabeledSequences, frame = 1): string {
  const lengths = sequences.map(({ values }) => values.length / dimensions.length);
  const [low, high] = [lengths, lengths].map((all, i) =>
    all.reduce((a, b) => (i === 0 ? Math.min(a, b) : Math.max(a, b))),
  );
  const steps = low === high ? `${low} step${low === 1 ? "" : "s"}` : `${low} to ${high} steps`;
  const width = `${dimensions.length} dimension${dimensions.length === 1 ? "" : "s"}`;
  const reading = frame > 1 ? [`${frame} steps are read at once`] : [];
  return [`${sequences.length} sequences of ${steps} in ${width}`, ...reading, ...notes].join("; ");
}
