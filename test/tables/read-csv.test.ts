import { describe, expect, test } from "vitest";
import { InputError, OptionError } from "../internals/common.js";
import { describeCsv, type ReadCsvOptions, readCsv } from "../internals/tables.js";

// One table in many hands: forty months of sales at three decimals, below and above a thousand.
const dates = Array.from({ length: 40 }, (_, i) => new Date(Date.UTC(2015, i, 1)).toISOString().slice(0, 10));
const sales = dates.map((_, i) => 900 + 7 * i + 0.25 * (i % 4));
const rows = dates.map((date, i) => ({ date, sales: sales[i]!, line: i + 2 }));

type Row = (typeof rows)[number];
const table = (header: string, row: (row: Row, i: number) => string, order: readonly Row[] = rows): string =>
  `${[header, ...order.map(row)].join("\n")}\n`;
const comma = (value: number) => value.toFixed(2).replace(".", ",");
const swapped = (date: string, separator = "/") => {
  const [year, month, day] = date.split("-");
  return [month, day, year].join(separator);
};
const read = (text: string, options: Partial<ReadCsvOptions> = {}) => readCsv(text, { columns: ["sales"], ...options });

describe("the same numbers and dates from", () => {
  test.each<[what: string, text: string, options?: Partial<ReadCsvOptions>]>([
    ["a plain table", table("date,sales", ({ date, sales }) => `${date},${sales}`)],
    ["pandas' index", table(",date,sales", ({ date, sales }, i) => `${i},${date},${sales}`)],
    ["a German spreadsheet", table("date;sales", ({ date, sales }) => `${date};${comma(sales)}`)],
    [
      "a German spreadsheet with separated thousands and dates of its own",
      table(
        "date;sales",
        ({ date, sales }) =>
          `${date.split("-").reverse().join(".")};${sales >= 1000 ? `1.${comma(sales).slice(1)}` : comma(sales)}`,
      ),
    ],
    [
      "separated thousands in quotes",
      table("date,sales", ({ date, sales }) => `${date},"${sales.toLocaleString("en", { minimumFractionDigits: 2 })}"`),
    ],
    ["everything in quotes", table('"date","sales"', ({ date, sales }) => `"${date}","${sales}"`)],
    ["single quotes", table("date,sales", ({ date, sales }) => `${date},'${sales}'`)],
    ["currencies", table("date,sales", ({ date, sales }) => `${date},$${sales}`)],
    ["Fortran", table("date,sales", ({ date, sales }) => `${date},${sales.toExponential(6).replace("e", "D")}`)],
    ["the newest first", table("date,sales", ({ date, sales }) => `${date},${sales}`, [...rows].reverse())],
    [
      "no order at all",
      table(
        "date,sales",
        ({ date, sales }) => `${date},${sales}`,
        [...rows].sort((a, b) => ((a.line * 7) % 41) - ((b.line * 7) % 41)),
      ),
    ],
    [
      "American dates, which only the months tell",
      table("date,sales", ({ date, sales }) => `${swapped(date)},${sales}`),
    ],
    [
      "seconds since 1970",
      table("date,sales", ({ date, sales }) => `${Date.parse(date) / 1000},${sales}`),
      { date: "date" },
    ],
    [
      "other columns that hold anything",
      table("x,x,date,sales,note", ({ date, sales }, i) => `${i},,${date},${sales},n/a`),
    ],
    [
      "no header",
      table("2015-01-01,900", ({ date, sales }) => `${date},${sales}`, rows.slice(1)),
      { header: false, columns: ["2"] },
    ],
  ])("%s", (_, text, options) => {
    const [series] = read(text, options).series;
    const { columns, times, frequency } = series!;
    expect(Array.from(Object.values(columns)[0]!)).toEqual(sales);
    expect(Array.from(times!, (time) => frequency!.format(time))).toEqual(dates);
    expect(frequency!.name).toBe("1 month");
  });
});

describe("first days of months", () => {
  const dayFirst = (date: string) => date.split("-").reverse().join("/");
  const monthFirst = (date: string) => swapped(date);
  // Two of the forty months are missing, in one of two series.
  const text = (written: (date: string) => string, of = rows) =>
    table(
      "date,shop,sales",
      ({ date, sales }) => `${written(date)},a,${sales}\n${written(date)},b,${sales}`,
      of.filter((_, i) => i !== 5 && i !== 17),
    );
  const options = { id: "shop", missing: "interpolate" } as const;

  test.each([
    ["the day", dayFirst],
    ["the month", monthFirst],
  ])("tell that %s comes first, by their gaps", (_, written) => {
    const { series, notes } = read(text(written), options);
    for (const { columns, times, frequency } of series) {
      expect(frequency!.name).toBe("1 month");
      expect(Array.from(times!, (time) => frequency!.format(time))).toEqual(dates);
      expect(columns["sales"]).toHaveLength(40);
    }
    expect(notes).toEqual(["filled in 4 missing values by interpolation"]);
    expect(() => read(text(written), { id: "shop" })).toThrow(/1 date missing between 2015-05-01 and 2015-07-01/);
  });

  test("of years are the same either way", () => {
    const years = "date,sales\n01/01/2018,1\n01/01/2019,2\n01/01/2020,3\n";
    expect(read(years).series[0]!.frequency!.name).toBe("1 year");
  });
});

test("without dates, rows are in the order of time", () => {
  const text = table("when,sales", ({ sales }, i) => `row ${i},${sales}`);
  expect(read(text).series[0]).toMatchObject({ times: undefined, frequency: undefined });
  const backwards = table("date,sales", ({ date, sales }) => `${date},${sales}`, [...rows].reverse());
  expect(read(backwards, { date: false }).series[0]!.columns["sales"]![0]).toBe(sales.at(-1));
});

describe("series one below the other", () => {
  const long = `${table("shop,date,sales", ({ date, sales }) => `north,${date},${sales}`)}${table("south,2014-12-01,5", ({ date }) => `south,${date},1`, rows.slice(0, 3))}`;

  test("are told apart by their id, and may be of any length", () => {
    const { series } = read(long, { id: "shop" });
    expect(series.map(({ id, columns }) => [id, columns["sales"]!.length])).toEqual([
      ["north", 40],
      ["south", 4],
    ]);
  });

  test("are refused without it, and the column is named that may be it", () => {
    expect(() => read(long)).toThrow(
      /lines 2 and 43 have the same date in column "date", "2015-01-01".*set `id`.*"shop"/,
    );
  });
});

describe("missing values", () => {
  const gaps = "date,y\n2020-01-01,\n2020-02-01,2\n2020-03-01,NA\n2020-05-01,8\n2020-06-01,9\n2020-07-01,\n";
  const values = (missing: "interpolate" | "drop") => {
    const { series, notes } = readCsv(gaps, { columns: ["y"], missing });
    const { columns, times, frequency } = series[0]!;
    return { y: Array.from(columns["y"]!), dates: Array.from(times!, (time) => frequency!.format(time)), notes };
  };

  test("are an error that says how many there are and what to do", () => {
    expect(() => readCsv(gaps, { columns: ["y"] })).toThrow(
      'line 2, column "y": expected a number, got "", and 2 more are missing in this column: ' +
        'set `missing: "interpolate"` to fill them in, or `missing: "drop"` to leave such rows out',
    );
  });

  test("but not those of a wrong century", () => {
    const text = "date,x\n2001-01-01,1\n2001-01-02,2\n2901-01-03,3\n";
    expect(() => readCsv(text, { columns: ["x"], missing: "interpolate" })).toThrow(
      /^328718 dates missing, 328718 of them between 2001-01-02 and 2901-01-03, where rows are 1 day apart: are these dates right/,
    );
  });

  test("and missing dates are interpolated between their neighbors, but not at the ends", () => {
    expect(values("interpolate")).toEqual({
      y: [2, 4, 6, 8, 9],
      dates: ["2020-02-01", "2020-03-01", "2020-04-01", "2020-05-01", "2020-06-01"],
      notes: ["filled in 2 missing values by interpolation", "left out 2 rows with missing values at the ends"],
    });
  });

  test("are dropped with their rows", () => {
    expect(values("drop")).toMatchObject({ y: [2, 8, 9], notes: ["left out 3 rows with missing values"] });
  });

  test("dates are an error that names them", () => {
    expect(() =>
      readCsv("date,y\n2020-01-01,1\n2020-02-01,2\n2020-05-01,8\n2020-06-01,9\n", { columns: ["y"] }),
    ).toThrow("line 4: 2 dates missing between 2020-02-01 and 2020-05-01, where rows are 1 month apart");
  });
});

describe("missing values that stand for 0", () => {
  const text =
    "date,promotion,sales\n2020-01-01,,5\n2020-02-01,1,9\n2020-03-01,,\n2020-05-01,NA,8\n2020-06-01,1,\n2020-07-01,,\n";
  const how = { columns: ["sales"], knownFuture: ["promotion"] };

  test("are 0 in the columns that are named, also of rows to come", () => {
    const { series, notes } = readCsv(text, { ...how, missing: "interpolate", missingAsZero: "promotion" });
    expect(series[0]!.columns).toEqual({
      sales: Float64Array.of(5, 9, 26 / 3, 25 / 3, 8),
      promotion: Float64Array.of(0, 1, 0, 0, 0, 1, 0),
    });
    expect(notes).toEqual(["read 5 missing values as 0", "filled in 2 missing values by interpolation"]);
  });

  test("may be those of the target: rows to come are those in which no other column has a value", () => {
    const { series, notes } = readCsv(text, { ...how, missing: "interpolate", missingAsZero: ["sales", "promotion"] });
    expect(series[0]!.columns).toEqual({
      sales: Float64Array.of(5, 9, 0, 0, 8),
      promotion: Float64Array.of(0, 1, 0, 0, 0, 1, 0),
    });
    expect(notes).toEqual(["read 7 missing values as 0"]);
    const alone = readCsv("sales\n3\n\n1\n", { columns: ["sales"], missingAsZero: ["sales"] });
    expect(alone.series[0]!.columns["sales"]).toEqual(Float64Array.of(3, 0, 1));
  });

  test("keep no row from being dropped", () => {
    const { series } = readCsv(text, { ...how, missing: "drop", missingAsZero: "promotion" });
    expect(series[0]!.columns).toEqual({
      sales: Float64Array.of(5, 9, 8),
      promotion: Float64Array.of(0, 1, 0, 1, 0),
    });
  });

  test("are pointed at where one is refused", () => {
    expect(() => readCsv(text.replace("2020-03-01,,\n", ""), how)).toThrow(
      'line 2, column "promotion": expected a number, got "", and 1 more is missing in this column: set `missing: ' +
        '"interpolate"` to fill them in, or `missing: "drop"` to leave such rows out; if they stand for 0, ' +
        'set `missingAsZero: "promotion"`',
    );
    expect(() => readCsv(text, { ...how, missing: "drop" })).toThrow(
      'line 7, column "promotion": expected a number, got "": this row has no other value, and is read as one to come: ' +
        'complete it; if it stands for 0, set `missingAsZero: "promotion"`',
    );
  });

  test("are named by a list, or by a text with commas between", () => {
    const two = 'a,"b, c"\n1,2\nNA,NA\n';
    for (const missingAsZero of [["a", "b, c"], 'a, "b, c"'])
      expect(readCsv(two, { columns: ["a", "b, c"], missingAsZero }).series[0]!.columns).toEqual({
        a: Float64Array.of(1, 0),
        "b, c": Float64Array.of(2, 0),
      });
    for (const missingAsZero of [3, [1], "", [""]])
      expect(() => readCsv(two, { columns: ["a"], missingAsZero } as never)).toThrow(OptionError);
    expect(() => readCsv(two, { columns: ["a"], missingAsZero: "b" })).toThrow(
      new OptionError("missingAsZero", 'columns that are read ("a")', "b"),
    );
  });
});

test.each<[what: string, text: string, options: Partial<ReadCsvOptions>, message: string | RegExp]>([
  ["an unknown column", "a;Sales\n1;2\n", {}, 'no column "sales"; with delimiter ";", the columns are "Sales", "a"'],
  ["a name that two columns have", "sales,sales\n1,2\n", {}, 'columns 1 and 2 are both named "sales"'],
  [
    "a cell that is no number",
    "a,sales\n1,2\n2,x\n",
    {},
    'line 3, column "sales": expected a number, got "x" (delimiter ",", decimal point',
  ],
  ["a long cell", `sales\n1\n${"x".repeat(99)}\n`, {}, `got "${"x".repeat(60)}"…`],
  ["infinity", "sales\n1\ninf\n", {}, 'expected a number, got "inf"'],
  [
    "a date twice",
    "date,sales\n2020-01-01,1\n2020-01-02,1\n2020-01-01,2\n",
    {},
    'lines 2 and 4 have the same date in column "date"',
  ],
  [
    "dates without a step",
    "date,sales\n2020-01-01,1\n2020-01-02,2\n2020-01-03,2\n2020-01-03T07:13,2\n2020-01-09T11:11,2\n",
    {},
    /line 5, column "date": the dates are not equally spaced/,
  ],
  [
    "dates that could be either",
    "date,sales\n01/02/2020,1\n02/03/2020,1\n03/04/2020,2\n",
    {},
    'could begin with the day or with the month: set `dateFormat: "dmy"`',
  ],
  [
    "the days of half a month, or the months of a year, of which one is missing",
    "date,sales\n01/03/2020,1\n02/03/2020,1\n03/03/2020,2\n05/03/2020,2\n06/03/2020,2\n",
    { missing: "interpolate" },
    'could begin with the day or with the month: set `dateFormat: "dmy"`',
  ],
  ["a missing id", "id,sales\na,1\n,2\n", { id: "id" }, 'line 3, column "id": the id is missing'],
  [
    "another format of dates",
    "date,sales\n2020-01-01,1\n",
    { date: "date", dateFormat: "dmy" },
    'expected a date as "dmy", got "2020-01-01"',
  ],
])("%s is refused", (_, text, options, message) => {
  expect(() => read(text, options)).toThrow(InputError);
  expect(() => read(text, options)).toThrow(message);
});

test("options are checked", () => {
  const wrong = [{ missing: "zero" }, { date: 3 }, { id: "" }, { decimal: "x" }, { delimiter: "x" }, { colums: [] }];
  for (const options of wrong) expect(() => read("sales\n1\n", options as never)).toThrow(OptionError);
});

test("what is told by the text is said", () => {
  const { delimiter, decimal, date } = read("day;sales\n2020-01-01;1,5\n2020-01-02;2,25\n");
  expect({ delimiter, decimal, date }).toEqual({ delimiter: ";", decimal: ",", date: "day" });
  expect(read("sales\n1.5\n")).toMatchObject({ delimiter: undefined, decimal: "." });
});

test("a table's columns are described without being asked for", () => {
  expect(describeCsv("day;a;b;b;note\n2020-01-01;1,5;1;2;x\n2020-01-02;;1;2;y\n")).toEqual({
    names: ["day", "a", "note"],
    numeric: ["a"],
    dates: ["day"],
    missing: { a: 1 },
  });
});

test("a hundred thousand columns take no longer than as many cells, and a message lists ten of them", () => {
  const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
  const text = `${names.join(",")}\n${names.map((_, i) => i).join(",")}\n`;
  const timeOf = (action: () => unknown) => {
    const start = performance.now();
    action();
    return performance.now() - start;
  };
  // On a busy machine both take longer. Where each name is looked for among all of them, it is two hundred times.
  const one = timeOf(() => readCsv(text, { columns: ["c0"] }));
  const many = timeOf(() => readCsv(text, { columns: names }));
  expect(many).toBeLessThan(30 * one);
  expect(readCsv(text, { columns: ["c99999"] }).series[0]!.columns["c99999"]).toEqual(Float64Array.of(99_999));
  let message = "";
  try {
    readCsv(text, { columns: ["C9999x"] });
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toMatch(/the columns are "c9999", .* and 99990 more$/);
  expect(message.length).toBeLessThan(250);
});

test("names of columns are escaped and truncated in messages", () => {
  const name = `\u009b31m${"x".repeat(1e6)}`;
  for (const [text, wanted] of [
    [`${name},${name}\n1,2\n`, name],
    [`${name}\nb\n`, name],
    ["a\n1\n", name],
  ] as const) {
    expect(() => readCsv(text, { columns: [wanted] })).toThrow(/\\u009b31mx{50,}"…/);
    expect(() => readCsv(text, { columns: [wanted] })).not.toThrow(/x{100}/);
  }
});

describe("rows to come", () => {
  const head = "date,shop,region,size,promotion,sales";
  const line = (day: number, shop: string, promotion: string, sales: string) =>
    `2024-01-0${day},${shop},${shop === "a" ? "north" : "south"},${shop === "a" ? 1 : 2.5},${promotion},${sales}`;
  const rows = (shop: string) => [
    ...[1, 2, 3].map((day) => line(day, shop, String(day % 2), String(10 * day))),
    ...[4, 5].map((day) => line(day, shop, "1", "")),
  ];
  const table = (...lines: string[]) => [head, ...lines].join("\n");
  const how = { columns: ["sales"], knownFuture: ["promotion"], static: ["region", "size"], id: "shop" };

  test("have what is known in advance, and static columns are texts or numbers", () => {
    const { series } = readCsv(table(...rows("a"), ...rows("b")), how);
    expect(series.map(({ id, statics }) => ({ id, statics }))).toEqual([
      { id: "a", statics: { region: "north", size: 1 } },
      { id: "b", statics: { region: "south", size: 2.5 } },
    ]);
    for (const { columns, times } of series) {
      expect(columns["sales"]).toEqual(Float64Array.of(10, 20, 30));
      expect(columns["promotion"]).toEqual(Float64Array.of(1, 0, 1, 1, 1));
      expect(times).toHaveLength(5);
    }
  });

  test("need no row for each date where missing ones are dropped", () => {
    const gap = rows("a").with(4, line(7, "a", "1", ""));
    const { series } = readCsv(table(...gap), { ...how, missing: "drop" });
    expect(series[0]!.columns["promotion"]).toEqual(Float64Array.of(1, 0, 1, 1, 1));
  });

  test("are cut at the last complete row where missing values are mended", () => {
    const gap = rows("a").with(1, line(2, "a", "0", ""));
    const { series } = readCsv(table(...gap), { ...how, missing: "interpolate" });
    expect(series[0]!.columns).toEqual({
      sales: Float64Array.of(10, 20, 30),
      promotion: Float64Array.of(1, 0, 1, 1, 1),
    });
    expect(() => readCsv(table(...gap), how)).toThrow('line 3, column "sales": expected a number, got ""');
  });

  test.each([
    [
      "without a value",
      rows("a").with(4, line(5, "a", "", "")),
      /line 6, column "promotion": .* is read as one to come: complete it/,
    ],
    ["without a date between", rows("a").with(4, line(7, "a", "1", "")), /line 6: 2 dates missing (before|between)/],
    [
      "whose statics change",
      rows("a").with(4, rows("b")[4]!.replace(",b,", ",a,")),
      /column "region": expected "north"/,
    ],
    [
      "without a static",
      rows("a").map((row) => row.replace("north", "")),
      /line 2, column "region": the value is missing/,
    ],
  ])("%s are refused", (_, lines, message) => {
    expect(() => readCsv(table(...lines), how)).toThrow(message);
  });
});
