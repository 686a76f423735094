import { describe, expect, test } from "vitest";
import { readTsf } from "../../src/forecast.js";
import { InputError } from "../../src/index.js";

const head = (frequency: string) =>
  `# A comment\n@relation shop\n@attribute series_name string\n@attribute start_timestamp date\n@frequency ${frequency}\n@horizon 6\n@data\n`;
const dates = (text: string) => {
  const { times, frequency } = readTsf(text).series[0]!;
  return Array.from(times!, (time) => frequency!.format(time));
};

describe("a .tsf file", () => {
  test("is read as many series with dates", () => {
    const { series, notes } = readTsf(
      `${head("monthly")}T1:1999-11-01 00-00-00:1,2.5,-3e2\r\nT2:2001-01-01 00-00-00:4\n`,
    );
    expect(series.map(({ id, columns }) => [id, [...columns["value"]!]])).toEqual([
      ["T1", [1, 2.5, -300]],
      ["T2", [4]],
    ]);
    expect(notes).toEqual([]);
    expect(dates(`${head("monthly")}T1:1999-11-01 00-00-00:1,2,3\n`)).toEqual(["1999-11", "1999-12", "2000-01"]);
  });

  test.each([
    ["yearly", "2001-01-01 00-00-00", ["2001", "2002"]],
    ["quarterly", "2001-10-01 00-00-00", ["2001-Q4", "2002-Q1"]],
    ["weekly", "2001-02-25 00-00-00", ["2001-02-25", "2001-03-04"]],
    ["daily", "2001-02-28 00-00-00", ["2001-02-28", "2001-03-01"]],
  ])("of a %s frequency", (frequency, start, expected) => {
    expect(dates(`${head(frequency)}a:${start}:1,2\n`)).toEqual(expected);
  });

  test("counts minutes and half hours, and has no dates for what it does not know", () => {
    const step = (frequency: string) => {
      const { times } = readTsf(`${head(frequency)}a:2001-01-01 00-30-00:1,2\n`).series[0]!;
      return times && times[1]! - times[0]!;
    };
    expect(["10_minutes", "half_hourly", "4_seconds", "lunar", `${"9".repeat(400)}_daily`].map(step)).toEqual([
      600_000,
      1_800_000,
      4000,
      undefined,
      undefined,
    ]);
  });

  test.each(["999999999_weekly", "99999999999999999999_daily"])(
    "whose dates would go beyond the last, with a step of %s, is refused",
    (frequency) => {
      expect(() => readTsf(`${head(frequency)}a:2001-01-01 00-00-00:${"1,".repeat(99)}1\n`)).toThrow(
        /^line 8, series "a": with a step of .* its dates go beyond the last one/,
      );
    },
  );

  test("that begins on the last of a month has no month twice", () => {
    expect(dates(`${head("monthly")}a:1999-01-31 00-00-00:1,2,3,4\n`)).toEqual([
      ...["1999-01", "1999-02", "1999-03", "1999-04"],
    ]);
  });

  test("may have missing values, if they are to be filled in", () => {
    const text = `${head("yearly")}a:2001-01-01 00-00-00:?,1,?,3,?\n`;
    expect(() => readTsf(text)).toThrow(
      'line 8, series "a", value 1: expected a number, got "?": set `missing: "interpolate"` to fill it in',
    );
    const { series, notes } = readTsf(text, { missing: "interpolate" });
    expect([...series[0]!.columns["value"]!]).toEqual([1, 2, 3]);
    expect(series[0]!.frequency!.format(series[0]!.times![0]!)).toBe("2002");
    expect(notes).toEqual(["filled in 1 missing values by interpolation", "left out 2 missing values at the ends"]);
  });

  test.each([
    ["", /series after a line @data/],
    ["1,2\n3,4\n", /line 1: expected @data before the first series/],
    [`${head("daily")}a:1,2\n`, /line 8: expected 2 attributes and values/],
    [`${head("daily")}a:2001-01-01 00-00-00:1,x\n`, /line 8, series "a", value 2: expected a number, got "x"/],
    [`${head("daily")}a:yesterday:1\n`, /line 8: expected a start such as/],
  ])("that is none is refused (%#)", (text, message) => {
    expect(() => readTsf(text)).toThrow(message);
    expect(() => readTsf(text)).toThrow(InputError);
  });
});
