import { type ColumnChoice, readCsv, type SeriesTable } from "lstm-wasm/forecast";
import type { TableReading } from "../../common/series.js";

let last: { readonly text: string; readonly how: string; readonly table: SeriesTable } | undefined;

/**
 * Reads series from a table. The last ones are kept: what was looked at is trained on next.
 *
 * @throws OptionError, InputError as readCsv
 */
export function readSeries(text: string, choice: ColumnChoice, reading: TableReading): SeriesTable {
  const how = JSON.stringify([choice, reading]);
  if (last?.text === text && last.how === how) return last.table;
  const table = readCsv(text, { ...choice, ...reading });
  last = { text, how, table };
  return table;
}
