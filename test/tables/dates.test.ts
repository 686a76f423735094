import { describe, expect, test } from "vitest";
import { InputError, OptionError } from "../internals/common.js";
import {
  checkDateFormat,
  Frequency,
  formatDate,
  frequencyFrom,
  gapsIn,
  inferFrequency,
  looksLikeDate,
  readDates,
} from "../internals/tables.js";

const read = (cells: string[], format?: string) =>
  readDates({ name: "ds", cells, lines: cells.map((_, i) => i + 2) }, format).map(({ times, precision }) =>
    Array.from(times, (time) => formatDate(time, precision)),
  );

test.each<[cell: string, as: string, format?: string]>([
  ["2020-02-29", "2020-02-29"],
  ["2020/2/9", "2020-02-09"],
  ["2020-02", "2020-02"],
  ["02/2020", "2020-02"],
  ["2020", "2020"],
  ["2020Q3", "2020-Q3"],
  ["Q4 2020", "2020-Q4"],
  ["20200229", "2020-02-29"],
  ["2020-W53", "2020-12-28"],
  ["2021W01", "2021-01-04"],
  ["2021-W01-7", "2021-01-10"],
  ["29.02.2020", "2020-02-29"],
  ["02/29/2020", "2020-02-29"],
  ["29 Feb 2020", "2020-02-29"],
  ["February 29, 2020", "2020-02-29"],
  ["Feb-2020", "2020-02"],
  ["2020-02-29 13:30", "2020-02-29T13:30"],
  ["2020-02-29T13:30:15", "2020-02-29T13:30:15"],
  ["2020-02-29T13:30:00+05:30", "2020-02-29T08:00"],
  ["2/29/2020 1:05 PM", "2020-02-29T13:05"],
  ["1580515200", "2020-02-01"],
  ["1580515200000", "2020-02-01"],
  ["29-Feb-20", "2020-02-29", "%d-%b-%y"],
  ["3/4/2020", "2020-04-03", "dmy"],
  ["3/4/2020", "2020-03-04", "mdy"],
  ["1", "1970-01-01T00:00:01", "seconds"],
])("%s is %s", (cell, expected, format) => {
  expect(read([cell], format)).toEqual([[expected]]);
});

test("day and month are told by a number above twelve, in whatever row", () => {
  expect(read(["03/04/2020", "13/04/2020"])).toEqual([["2020-04-03", "2020-04-13"]]);
  expect(read(["03/04/2020", "04/13/2020"])).toEqual([["2020-03-04", "2020-04-13"]]);
  expect(read(["03/04/2020", "04/04/2020"])).toHaveLength(2);
});

test.each(["2020-02-30", "2021-13-01", "x", "", "12", "2020-01-01 25:00", "100.94", "2021-W53", "2020-W00"])(
  "%j is not a date",
  (cell) => {
    expect(looksLikeDate(cell)).toBe(false);
    expect(() => read(["2020-02-01", cell])).toThrow(InputError);
    expect(() => read(["2020-02-01", cell])).toThrow(
      `line 3, column "ds": expected a date, got ${JSON.stringify(cell)}`,
    );
  },
);

test("numbers of other columns are no dates", () => {
  for (const cell of ["1.2020", "2020.1", "1999", "20200229", "3.1415926"]) expect(looksLikeDate(cell)).toBe(false);
});

test("a format is a name or a pattern with a year", () => {
  expect(checkDateFormat("dateFormat", "%Y%m%d")).toBe("%Y%m%d");
  for (const format of ["%d.%m", "%Q %Y", "YYYY", 7, "%Y %Y"])
    expect(() => checkDateFormat("dateFormat", format)).toThrow(OptionError);
});

describe("a frequency", () => {
  const times = (...dates: string[]) => Float64Array.from(dates, (date) => Date.parse(`${date}Z`));
  const days = (from: string, count: number, keep: (day: number) => boolean = () => true) =>
    Float64Array.from(
      Array.from({ length: count }, (_, i) => Date.parse(`${from}Z`) + i * 86_400_000).filter((time) =>
        keep(new Date(time).getUTCDay()),
      ),
    );

  test.each<[name: string, dates: Float64Array, next: string]>([
    ["1 month", times("2020-01-01", "2020-02-01", "2020-03-01"), "2020-04-01"],
    ["1 month", times("2020-01-31", "2020-02-29", "2020-03-31"), "2020-04-30"],
    ["3 months", times("2020-01-15", "2020-04-15", "2020-07-15"), "2020-10-15"],
    ["1 year", times("2018-01-01", "2019-01-01", "2020-01-01"), "2021-01-01"],
    ["1 week", times("2020-01-06", "2020-01-13", "2020-01-20"), "2020-01-27"],
    ["1 day", days("2020-01-01", 9), "2020-01-10"],
    // From Wednesday to Friday of the week after.
    ["1 working day", days("2020-01-01", 10, (day) => day > 0 && day < 6), "2020-01-13"],
    ["15 minutes", times("2020-01-01T00:00", "2020-01-01T00:15", "2020-01-01T00:30"), "2020-01-01T00:45"],
  ])("%s", (name, dates, next) => {
    const precision = next.length > 10 ? "time" : "day";
    const frequency = inferFrequency([dates], precision)!;
    expect(frequency.name).toBe(name);
    expect(frequency.format(frequency.after(dates.at(-1)!, 1))).toBe(next);
    expect(gapsIn(dates, frequency)).toEqual([]);
    expect(frequencyFrom(JSON.parse(JSON.stringify(frequency)))).toEqual(frequency);
  });

  test("that begins on the 30th keeps to the end of shorter months", () => {
    const frequency = new Frequency("month", 1, "day");
    const start = Date.parse("1999-01-30Z");
    const dates = Array.from({ length: 4 }, (_, i) => frequency.format(frequency.after(start, i)));
    expect(dates).toEqual(["1999-01-30", "1999-02-28", "1999-03-30", "1999-04-30"]);
  });

  test("of the first century stays in it", () => {
    const [dates] = readDates({ name: "ds", cells: ["0098-01-01", "0099-01-01"], lines: [2, 3] });
    const frequency = inferFrequency([dates!.times], dates!.precision)!;
    expect(frequency.format(frequency.after(dates!.times[0]!, 0))).toBe("0098-01-01");
    expect(frequency.format(frequency.after(dates!.times[1]!, 1))).toBe("0100-01-01");
  });

  test("goes no further than dates can be written", () => {
    const frequency = new Frequency("millisecond", 86_400_000, "day");
    expect(() => frequency.format(frequency.after(8.64e15, 1))).toThrow(InputError);
  });

  test("of quarters writes quarters, which can be read again", () => {
    const [dates] = readDates({ name: "quarter", cells: ["2019Q4", "2020Q1", "2020Q2"], lines: [2, 3, 4] });
    const frequency = inferFrequency([dates!.times], dates!.precision)!;
    expect(frequency.name).toBe("3 months");
    const next = frequency.after(dates!.times[2]!, 1);
    expect(frequency.format(next)).toBe("2020-Q3");
    expect(read([frequency.format(next)])).toEqual([["2020-Q3"]]);
    expect(frequencyFrom(JSON.parse(JSON.stringify(frequency)))).toEqual(frequency);
  });

  test("is the usual step, and what is missing from it are gaps", () => {
    const dates = times("2020-01-01", "2020-02-01", "2020-06-01", "2020-07-01");
    const frequency = inferFrequency([dates], "day")!;
    expect(frequency.name).toBe("1 month");
    expect(gapsIn(dates, frequency)).toEqual([{ row: 2, count: 3 }]);
  });

  test("is none where steps are no multiples, or there is no step", () => {
    expect(inferFrequency([times("2020-01-01", "2020-01-03", "2020-01-06")], "day")).toBeUndefined();
    expect(inferFrequency([times("2020-01-01")], "day")).toBeUndefined();
  });

  test("of several series is that of all", () => {
    expect(inferFrequency([times("2020-01-01"), times("1990-05-01", "1990-06-01")], "day")).toEqual(
      new Frequency("month", 1, "day"),
    );
  });

  test("from a damaged description is refused", () => {
    for (const broken of [null, {}, { unit: "month", step: 0, precision: "day", isMonthEnd: false }])
      expect(() => frequencyFrom(broken)).toThrow(InputError);
  });
});
