import { InputError } from "../common/errors.js";
import { parseJson } from "../common/parse-json.js";
import { quote } from "../common/show.js";
import type { Model } from "../model/model.js";
import { flagName, given, UsageError } from "./flags.js";
import { isBelowHere, reason, shownPath } from "./paths.js";
import { checkedReading, type TableReading } from "./tables.js";
import { STDIN } from "./texts.js";

/** Where a run's data come from. Stored in the checkpoint, so that --resume finds them again. */
export interface Source {
  readonly preset?: string;
  /** Files, folders, and "-" for the standard input. */
  readonly text?: string | readonly string[];
  readonly encoding?: string;
  readonly csv?: string;
  /** A file of labeled sequences. */
  readonly ts?: string;
  /** The column with the class of each sequence in a table of sequences. */
  readonly label?: string;
  /** The columns of numbers in a table of sequences; absent for all. */
  readonly columns?: readonly string[];
  /** How the table is read. */
  readonly table?: TableReading;
  /** Lower-cases the text before the vocabulary, which may not do so, reads it. */
  readonly lowercase?: boolean;
  /** Files, as `text`, that the run is evaluated on. */
  readonly validationText?: string | readonly string[];
  /** Leaves out what is not in the vocabulary. */
  readonly skipUnknown?: boolean;
  readonly season?: number;
}

/** The parts of a source that name files. */
export type SourceKind = "text" | "validationText" | "csv" | "ts";

/** The attribute of the source. */
const SOURCE = "source";

/**
 * Keeps an untrusted checkpoint from having unrelated files read.
 *
 * @throws UsageError, InputError if the user has to name the file
 */
export async function refuseElsewhere(checkpoint: string, kind: SourceKind, paths: readonly string[]): Promise<void> {
  const flag = `--${flagName(kind)}`;
  for (const path of paths) {
    const name = path === STDIN ? "a text from standard input" : quote(path);
    const source = `${shownPath(checkpoint)} was ${kind === "validationText" ? "evaluated" : "trained"} on ${name}`;
    if (path === STDIN) throw new UsageError(`${source}: pass it again with ${flag} - or ${flag} FILE`);
    const advice = `pass it with ${flag} FILE`;
    const isBelow = await isBelowHere(path).catch((error) => {
      throw new InputError(`${source}, which cannot be read: ${reason(error)}. If it has moved, ${advice}`);
    });
    if (!isBelow) throw new UsageError(`${source}, which is not in the current folder or below it: ${advice}`);
  }
}

/** A source's files, one or several. */
export const pathsOf = (named: Source[SourceKind]): readonly string[] =>
  named === undefined ? [] : typeof named === "string" ? [named] : named;

/** Keeps the source with the model. */
export function keepSource(model: Model, source: Source): void {
  model.attributes.set(SOURCE, JSON.stringify(portable(source)));
}

/** A source that is found on other systems too: Windows reads paths with slashes, others none with backslashes. */
export function portable(source: Source, platform: NodeJS.Platform = process.platform): Source {
  if (platform !== "win32") return source;
  const slashed = (named: Source[SourceKind]): Source[SourceKind] =>
    typeof named === "string" ? named.replaceAll("\\", "/") : named?.map((path) => path.replaceAll("\\", "/"));
  const { text, validationText, csv, ts } = source;
  const paths = { text: slashed(text), validationText: slashed(validationText), csv: slashed(csv), ts: slashed(ts) };
  return { ...source, ...given<Source>(paths as Source) };
}

/** The source stored in a checkpoint; empty if it is missing or invalid. */
export function storedSource(model: Model): Source {
  try {
    const stored = parseJson(model.attributes.get(SOURCE) ?? "{}") as Record<string, unknown>;
    const { preset, text, validationText, encoding, csv, ts, label, columns, table, ...others } = stored;
    const { lowercase, skipUnknown, season } = others;
    const isText = (value: unknown) => (typeof value === "string" ? value : undefined);
    const areTexts = (value: unknown) =>
      Array.isArray(value) && value.length > 0 && value.every((path) => typeof path === "string")
        ? (value as string[])
        : isText(value);
    return given<Source>({
      preset: isText(preset),
      text: areTexts(text),
      validationText: areTexts(validationText),
      encoding: isText(encoding),
      csv: isText(csv),
      ts: isText(ts),
      label: isText(label),
      columns: Array.isArray(columns) ? (areTexts(columns) as string[] | undefined) : undefined,
      table: table === undefined ? undefined : checkedReading(table),
      lowercase: lowercase === true ? true : undefined,
      skipUnknown: skipUnknown === true ? true : undefined,
      season: typeof season === "number" ? season : undefined,
    });
  } catch {
    return {};
  }
}
