import { listNames } from "../common/show.js";
import { ConversionError } from "./conversion-error.js";

// Names of layers, and how the option `layers` chooses among them.

/** What to do about a network of which an LSTM is only a part. */
export const ALONE = "to take the LSTM layers alone, name them by the option layers";

/** Compares names by their text, and by their numbers where the text is the same: lstm.2 is before lstm.10. */
export function compareNumbered(a: string, b: string): number {
  const [as, bs] = [a, b].map((name) => name.split(/(\d{1,15})/)) as [string[], string[]];
  for (let i = 0; i < Math.min(as.length, bs.length); i++) {
    if (as[i] === bs[i]) continue;
    return i % 2 === 1 ? Number(as[i]) - Number(bs[i]) : as[i]! < bs[i]! ? -1 : 1;
  }
  return as.length - bs.length;
}

/**
 * The LSTMs that a list names, in the order of the list: by a name or, where none is called so, by its beginning.
 *
 * @throws ConversionError where nothing is called so
 */
export function chooseLayers<Named>(all: readonly Named[], list: string, nameOf: (named: Named) => string): Named[] {
  return list.split(",").flatMap((wanted) => {
    const name = wanted.trim().replace(/\.$/, "");
    const exact = all.filter((named) => nameOf(named) === name);
    const chosen = exact.length > 0 ? exact : all.filter((named) => nameOf(named).startsWith(name));
    if (name === "" || chosen.length === 0)
      throw new ConversionError("layers", `no LSTM ${name}; there are ${listNames(all.map(nameOf), name)}`);
    return chosen;
  });
}
