import { OptionError } from "../common/errors.js";
import { listNames } from "../common/show.js";

/** Names between commas; one that has a comma is in quotes. */
export const splitNames = (names: string): string[] =>
  [...names.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*?))\s*(?:,|$)/g)]
    .map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!)
    .filter((name) => name !== "");

/**
 * The columns that an option names, in an array or a text.
 *
 * @throws OptionError for one that is not read
 */
export function namedColumns(
  option: string,
  names: string | readonly string[] = [],
  read: readonly string[],
): ReadonlySet<string> {
  const named = new Set(typeof names === "string" ? splitNames(names) : names);
  const other = [...named].find((name) => !read.includes(name));
  if (other === undefined) return named;
  throw new OptionError(option, `columns that are read (${listNames(read, other)})`, other);
}
