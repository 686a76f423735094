import { InputError } from "../common/errors.js";
import { parseJson } from "../common/parse-json.js";
import { quote } from "../common/show.js";
import type { Model } from "../model/model.js";
import { given, UsageError } from "./flags.js";
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
  /** How the table is read. */
  readonly table?: TableReading;
  /** Lower-cases the text before the vocabulary, which may not do so, reads it. */
  readonly lowercase?: boolean;
  /** Leaves out what is not in the vocabulary. */
  readonly skipUnknown?: boolean;
  readonly season?: number;
}

/** The attribute of the source. */
const SOURCE = "source";

/**
 * Keeps an untrusted checkpoint from having unrelated files read.
 *
 * @throws UsageError, InputError if the user has to name the file
 */
export async function refuseElsewhere(checkpoint: string, { text, csv }: Source): Promise<void> {
  for (const path of csv === undefined ? pathsOf(text) : [csv]) {
    const name = path === STDIN ? "what came from the standard input" : quote(path);
    const source = `${shownPath(checkpoint)} was trained on ${name}`;
    if (path === STDIN) throw new UsageError(`${source}: give it again, with --text - or --text FILE`);
    const advice = `pass it with --${csv === undefined ? "text" : "csv"} FILE`;
    const isBelow = await isBelowHere(path).catch((error) => {
      throw new InputError(`${source}, which cannot be read: ${reason(error)}. If it has moved, ${advice}`);
    });
    if (!isBelow) throw new UsageError(`${source}, which is not in the current folder or below it: ${advice}`);
  }
}

/** A source's texts, one or several. */
export const pathsOf = (text: Source["text"]): readonly string[] =>
  text === undefined ? [] : typeof text === "string" ? [text] : text;

/** Keeps the source with the model. */
export function keepSource(model: Model, source: Source): void {
  model.attributes.set(SOURCE, JSON.stringify(source));
}

/** The source stored in a checkpoint; empty if it is missing or invalid. */
export function storedSource(model: Model): Source {
  try {
    const stored = parseJson(model.attributes.get(SOURCE) ?? "{}") as Record<string, unknown>;
    const { preset, text, encoding, csv, table, lowercase, skipUnknown, season } = stored;
    const isText = (value: unknown) => (typeof value === "string" ? value : undefined);
    const texts = Array.isArray(text) && text.length > 0 && text.every((path) => typeof path === "string");
    return given<Source>({
      preset: isText(preset),
      text: texts ? (text as string[]) : isText(text),
      encoding: isText(encoding),
      csv: isText(csv),
      table: table === undefined ? undefined : checkedReading(table),
      lowercase: lowercase === true ? true : undefined,
      skipUnknown: skipUnknown === true ? true : undefined,
      season: typeof season === "number" ? season : undefined,
    });
  } catch {
    return {};
  }
}
