import { InputError, OptionError } from "lstm-wasm";
import {
  type ColumnChoice,
  type CsvDescription,
  describeCsv,
  type SeriesTable,
  type TimeSeries,
} from "lstm-wasm/forecast";
import type { TableChoice, TableReport } from "../../common/series.js";
import { plural } from "../../common/words.js";
import { readSeries } from "./read-series.js";

/** Columns of a wide table that are offered, and names of series: a page cannot hold any number of them. */
const MOST_COLUMNS = 100;
const MOST_IDS = 1000;
/** Columns that are tried as what tells series apart, or as known in advance. */
const MOST_TRIED = 10;
/** Characters between cells, by name. */
const DELIMITERS: Readonly<Record<string, string>> = {
  ",": "commas",
  ";": "semicolons",
  "\t": "tabs",
  "|": "vertical bars",
};
/** Rows in a season, by the step between dates. */
const SEASONS: Readonly<Record<string, number>> = {
  ...{ "3 months": 4, "1 month": 12, "1 week": 52, "1 day": 7, "1 working day": 5 },
  ...{ "1 hour": 24, "30 minutes": 48, "15 minutes": 96 },
};
/** Seasons that a series has at least, for one to be suggested. */
const FEWEST_SEASONS = 4;
/** Rows to forecast that are suggested, at most, and without a season. */
const MOST_AHEAD = 28;
const USUAL_AHEAD = 12;

/** A choice with its target. */
type Chosen = TableChoice & { readonly target: string };

/** What a table holds, and its series as far as they can be read. */
export interface DescribedTable {
  readonly report: Omit<TableReport, "request">;
  readonly series: readonly TimeSeries[];
}

/** Reads a table as it was asked for, or as it suggests itself. Problems are part of the report. */
export function describeTable(text: string, wanted: TableChoice): DescribedTable {
  try {
    const { delimiter, header } = wanted.table;
    return described(text, wanted, describeCsv(text, { delimiter, header }));
  } catch (error) {
    return { report: { ...NOTHING, choice: wanted, problem: problemOf(error) }, series: [] };
  }
}

const NOTHING = {
  ...{ names: [], numeric: [], dates: [], facts: [], count: 0, ids: [] },
  suggested: { season: 1, horizon: USUAL_AHEAD },
};

function described(text: string, wanted: TableChoice, csv: CsvDescription): DescribedTable {
  const { names, numeric, dates } = csv;
  const [shown, numbers] = [names.slice(0, MOST_COLUMNS), numeric.slice(0, MOST_COLUMNS)];
  const report = { ...NOTHING, names: shown, numeric: numbers, dates };
  const target = csv.numeric.includes(wanted.target ?? "") ? wanted.target : csv.numeric.at(-1);
  if (target === undefined)
    return {
      report: { ...report, choice: wanted, problem: `No column is numeric${whyNot(text, wanted, csv)}.` },
      series: [],
    };
  const choice = target === wanted.target ? { ...wanted, target } : suggested(text, freshChoice(wanted, target), csv);
  try {
    const table = read(text, choice);
    const { series } = table;
    return {
      report: {
        ...report,
        choice,
        facts: factsOf(table, choice, csv),
        suggested: rhythmOf(series, choice),
        ...namesOf(series),
      },
      series,
    };
  } catch (error) {
    // What can be read is shown nevertheless.
    const table = attempt(() => read(text, mended(choice)));
    const series = table?.series ?? [];
    const known = table
      ? {
          facts: factsOf({ ...table, notes: [] }, choice, csv),
          suggested: rhythmOf(series, choice),
          ...namesOf(series),
        }
      : {};
    return { report: { ...report, ...known, choice, problem: problemOf(error) }, series };
  }
}

const read = (text: string, choice: Chosen): SeriesTable => readSeries(text, columnsOf(choice), choice.table);

/** The columns that are read, as the library has them. */
const columnsOf = ({ target, columns, knownFuture, static: statics }: Chosen): ColumnChoice => ({
  columns: [target, ...columns],
  knownFuture,
  static: statics,
});

/** A choice for a table that the one before was not made for. */
const freshChoice = ({ table }: TableChoice, target: string): Chosen => {
  const { date: _, id: __, missingAsZero: ___, ...others } = table;
  return { table: others, target, columns: [], knownFuture: [], static: [] };
};

const mended = <Choice extends TableChoice>(choice: Choice): Choice => ({
  ...choice,
  table: { ...choice.table, missing: "interpolate" },
});

function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch (error) {
    // The latter names a column that is not read.
    if (error instanceof InputError || error instanceof OptionError) return undefined;
    throw error;
  }
}

/** The choice with what the table suggests: the column that tells series apart, and those that go on beyond the target. */
function suggested(text: string, choice: Chosen, csv: CsvDescription): Chosen {
  if (attempt(() => read(text, choice))) return choice;
  const others = csv.names.filter((name) => name !== choice.target && !csv.dates.includes(name));
  const texts = others.filter((name) => !csv.numeric.includes(name)).slice(0, MOST_TRIED);
  const apart = [undefined, ...texts].map((id) =>
    id === undefined ? choice : { ...choice, table: { ...choice.table, id } },
  );
  const separated = apart.find((one) => attempt(() => read(text, mended(one)))) ?? choice;
  if (attempt(() => read(text, separated))) return separated;
  const ahead = others.slice(0, MOST_TRIED).filter((name) => {
    if (name === separated.table.id) return false;
    const table = attempt(() => read(text, { ...separated, knownFuture: [name] }));
    return table?.series.some(({ columns }) => columns[name]!.length > columns[choice.target]!.length);
  });
  return { ...separated, knownFuture: ahead };
}

/** Why the first column that might be one is not numeric. */
function whyNot(text: string, { table }: TableChoice, { names, dates }: CsvDescription): string {
  const first = names.find((name) => !dates.includes(name));
  if (first === undefined) return "";
  try {
    readSeries(text, { columns: [first] }, { ...table, id: undefined });
    return "";
  } catch (error) {
    return `: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const problemOf = (error: unknown): string =>
  `The table cannot be read: ${error instanceof Error ? error.message : String(error)}.`;

const namesOf = (series: readonly TimeSeries[]): Pick<TableReport, "count" | "ids"> => ({
  count: series.length,
  ids: series.slice(0, MOST_IDS).flatMap(({ id }) => (id === undefined ? [] : [id])),
});

/** How a table was read, fact by fact. */
function factsOf(
  { series, date, delimiter, decimal, notes }: SeriesTable,
  choice: Chosen,
  { missing }: CsvDescription,
): string[] {
  const rows = series.map(({ columns }) => columns[choice.target]!.length);
  const [least, most] = [rows.reduce(smaller), rows.reduce(larger)];
  const range = least === most ? plural(most, "row") : `${least} to ${plural(most, "row")}`;
  const longest = series[rows.indexOf(most)]!;
  const { times, frequency } = longest;
  const facts = [series.length === 1 ? range : `${plural(series.length, "series", "series")} of ${range}`];
  if (date !== undefined && times && frequency && times.length > 0) {
    const [from, to] = [times[0]!, times.at(-1)!].map((time) => frequency.format(time));
    const every = frequency.name.replace(/^1 /, "");
    facts.push(`dates in “${date}” from ${from} to ${to}, a row every ${every}`);
    if ((choice.table.missing ?? "error") === "error") facts.push("no gaps");
  } else facts.push(date === undefined ? "no dates" : `dates in “${date}” that are not equally spaced`);
  if (delimiter !== undefined) facts.push(`${DELIMITERS[delimiter] ?? `“${delimiter}”`} between cells`);
  facts.push(decimal === "." ? "decimal points" : "decimal commas");
  for (const name of [choice.target, ...choice.columns, ...choice.knownFuture])
    if (missing[name]) facts.push(`“${name}” has ${plural(missing[name], "empty cell")}`);
  return [...facts, ...notes];
}

/** Rows in a season and rows to forecast, by the step between dates and the rows that there are. */
function rhythmOf(series: readonly TimeSeries[], { target, knownFuture }: Chosen): TableReport["suggested"] {
  const rows = series.map(({ columns }) => columns[target]!.length).reduce(larger);
  const season = SEASONS[series[0]!.frequency?.name ?? ""] ?? 1;
  const hasSeasons = season > 1 && rows >= FEWEST_SEASONS * season;
  // What is known in advance says how far.
  const known = series
    .flatMap(({ columns }) => knownFuture.map((name) => columns[name]!.length - columns[target]!.length))
    .reduce(smaller, Number.POSITIVE_INFINITY);
  const most = Math.min(Math.max(1, Math.floor(rows / 10)), MOST_AHEAD, known > 0 ? known : MOST_AHEAD);
  return { season: hasSeasons ? season : 1, horizon: Math.min(hasSeasons ? season : USUAL_AHEAD, most) };
}

const smaller = (a: number, b: number): number => Math.min(a, b);
const larger = (a: number, b: number): number => Math.max(a, b);
