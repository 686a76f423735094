import { fitForecaster, readCsv } from "lstm-wasm/forecast";
import { describe, expect, test } from "vitest";
import { lookupOf, segmentsOf } from "../../web/src/common/highlight.js";
import type { Report } from "../../web/src/common/protocol.js";
import type { TableChoice } from "../../web/src/common/series.js";
import { ago, count, duration, loss } from "../../web/src/page/elements/format.js";
import { dates } from "../../web/src/page/pictures/forecast.js";
import { frameOfForecasts, lineOf } from "../../web/src/page/series/frame.js";
import { alike } from "../../web/src/page/series/number.js";
import { INITIAL_VIEW, reduce } from "../../web/src/page/session/view.js";
import { SeriesSubject } from "../../web/src/worker/run/series-subject.js";
import { Mutex } from "../../web/src/worker/scheduling/mutex.js";
import { Throttle } from "../../web/src/worker/scheduling/throttle.js";
import { describeTable } from "../../web/src/worker/series/describe-table.js";
import { SeriesDesk } from "../../web/src/worker/series/desk.js";
import { extremeRows } from "../../web/src/worker/series/extreme-rows.js";
import { forecastCsv } from "../../web/src/worker/series/forecast-csv.js";
import { shownSeries } from "../../web/src/worker/series/shown-series.js";
import { LossCurve } from "../../web/src/worker/training/loss-curve.js";

describe("the rows of a chart", () => {
  test("are all of a short table", () => {
    expect(extremeRows([(row) => row], 5)).toEqual([0, 1, 2, 3, 4]);
  });

  test("of a long one are few, and lose neither a peak nor an oscillation", () => {
    const wave = (row: number) => (row === 777_777 ? 9 : Math.sin(row / 4));
    const late = (row: number) => (row < 900_000 ? undefined : -wave(row));
    const rows = extremeRows([wave, late], 1_000_000);
    expect(rows.length).toBeLessThan(5000);
    expect([rows[0], rows.at(-1)]).toEqual([0, 999_999]);
    expect(rows).toContain(777_777);
    for (let from = 0; from < 1_000_000; from += 100_000) {
      const values = rows.filter((row) => row >= from && row < from + 100_000).map(wave);
      expect(Math.min(...values)).toBeLessThan(-0.99);
      expect(Math.max(...values)).toBeGreaterThan(0.99);
    }
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
  });
});

describe("LossCurve", () => {
  test("reduces a long run to few points, from the first epoch to the last, with the mean unchanged", () => {
    const curve = new LossCurve(100);
    const losses = Array.from({ length: 12_345 }, (_, i) => 3 * Math.exp(-i / 2000));
    losses.forEach((training, i) => {
      curve.add(i + 1, training, 2 * training);
    });
    const { epochs, training, validation } = curve.decimated();
    expect(epochs.length).toBeLessThanOrEqual(101);
    expect(epochs.length).toBeGreaterThanOrEqual(48);
    expect(epochs.at(-1)).toBe(12_345);
    expect(training[0]).toBeGreaterThan(2.7);
    const widths = epochs.map((epoch, i) => epoch - (epochs[i - 1] ?? 0));
    const sum = training.reduce((total, value, i) => total + value * widths[i]!, 0);
    expect(sum).toBeCloseTo(
      losses.reduce((a, b) => a + b),
      6,
    );
    expect(validation[5]).toBeCloseTo(2 * training[5]!, 12);
  });

  test("shows a long first epoch before it ends, and forgets it later", () => {
    const curve = new LossCurve();
    curve.extend(0.25, 3);
    curve.extend(0.5, 2.5);
    curve.add(1, 2);
    expect([...curve.decimated().epochs]).toEqual([0.25, 0.5, 1]);
    curve.add(2, 1.5);
    curve.add(3, 1.2);
    expect([...curve.decimated().epochs]).toEqual([1, 2, 3]);
  });

  test("leaves a short run as it is", () => {
    const curve = new LossCurve();
    curve.add(1, 3);
    curve.add(2, 2);
    expect(curve.decimated()).toEqual({
      epochs: Float64Array.of(1, 2),
      training: Float64Array.of(3, 2),
      validation: Float64Array.of(Number.NaN, Number.NaN),
    });
  });
});

describe("Throttle", () => {
  test("gives work its share of the time, and keeps to the interval", async () => {
    let now = 0;
    const throttle = new Throttle(0.02, 100, () => now);
    const work = (cost: number) =>
      throttle.run(() => {
        now += cost;
      });
    expect(throttle.isDue).toBe(true);
    await work(1);
    now = 99;
    expect(throttle.isDue).toBe(false);
    now = 100;
    expect(throttle.isDue).toBe(true);
    await work(20);
    await work(20);
    now += 20 * 48;
    expect(throttle.isDue).toBe(false);
    now += 20 * 2;
    expect(throttle.isDue).toBe(true);
  });

  test("is not delayed for long by one run that had to wait", async () => {
    let now = 0;
    const throttle = new Throttle(0.02, 100, () => now);
    await throttle.run(() => {
      now += 500;
    });
    now += 300;
    expect(throttle.isDue).toBe(true);
  });
});

test("Mutex runs work in order, even after a failure", async () => {
  const mutex = new Mutex();
  const order: number[] = [];
  const slow = mutex.runExclusive(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push(1);
    throw new Error("no");
  });
  const quick = mutex.runExclusive(() => order.push(2));
  await expect(slow).rejects.toThrow("no");
  await quick;
  expect(order).toEqual([1, 2]);
});

test("a sample is split into words that are in the text and words that are not", () => {
  const known = lookupOf("To be, or not to be", "char");
  expect(segmentsOf("to bee, or", known, "char")).toEqual([
    { text: "to ", isKnown: true },
    { text: "bee, ", isKnown: false },
    { text: "or", isKnown: true },
  ]);
  const pairs = lookupOf("the cat sat", "word");
  expect(segmentsOf("the cat the sat", pairs, "word").map(({ isKnown }) => isKnown)).toEqual([true, false]);
});

test("a long run keeps few moments, evenly spaced by the logarithm of the epoch", () => {
  let view = INITIAL_VIEW;
  for (let epoch = 1; epoch <= 1000; epoch++) view = reduce(view, { type: "moment", moment: { epoch, text: "" } });
  const kept = view.moments.map(({ epoch }) => epoch);
  expect(kept.length).toBeLessThanOrEqual(48);
  expect([kept[0], kept.at(-1)]).toEqual([1, 1000]);
  const before = (epoch: number) => kept.filter((one) => one <= epoch).length;
  expect(before(30)).toBeGreaterThan(kept.length / 4);
  // One that is recalled later takes its place.
  view = reduce(view, { type: "moment", moment: { epoch: 2.5, text: "late" } });
  const again = view.moments.map(({ epoch }) => epoch);
  expect(again).toEqual([...again].sort((a, b) => a - b));
  expect(reduce(view, { type: "phase", phase: "empty" }).moments).toEqual([]);
});

test("moments of a series give way to those of another one, or of another part of it", () => {
  const y = Float64Array.from({ length: 200 }, (_, row) => row);
  const moment = (epoch: number, id: string, part: "all" | "end" = "all"): Report => ({
    type: "seriesMoment",
    moment: { epoch, shown: shownSeries({ id, columns: { y }, times: undefined, frequency: undefined }, "y", part) },
  });
  const epochsAfter = (...reports: Report[]) =>
    reports.reduce(reduce, INITIAL_VIEW).seriesMoments.map(({ epoch }) => epoch);
  const first = [moment(9, "tea"), moment(1, "tea"), moment(3, "tea")];
  expect(epochsAfter(...first)).toEqual([1, 3, 9]);
  expect(epochsAfter(...first, moment(9, "coffee"), moment(1, "coffee"))).toEqual([1, 9]);
  expect(epochsAfter(...first, moment(9, "tea", "end"))).toEqual([9]);
  expect(epochsAfter(...first, { type: "phase", phase: "empty" })).toEqual([]);
});

test("an axis over all moments of a series holds every line of each", () => {
  const y = Float64Array.of(3, 5, Number.NaN);
  const shown = shownSeries({ id: undefined, columns: { y }, times: undefined, frequency: undefined }, "y", "all");
  const high = { ...shown, lines: { ...shown.lines, high: Float64Array.of(Number.NaN, 11) } };
  const frame = frameOfForecasts([
    { epoch: 1, shown },
    { epoch: 2, shown: high },
  ]);
  expect(frame).toEqual([3, 11]);
  expect(lineOf(frame, 3)).toEqual([3, 11, null]);
  expect(frameOfForecasts([])).toBeUndefined();
});

test("of a long generated text the end is shown, and how much is not", () => {
  let view = reduce(INITIAL_VIEW, { type: "generated", text: "a".repeat(15_000), isDone: false });
  view = reduce(view, { type: "generated", text: "b".repeat(15_000), isDone: true });
  expect([view.generated.length, view.leftOut]).toEqual([20_000, 10_000]);
});

describe("a table of the user's", () => {
  const nothing = { table: {}, columns: [], knownFuture: [], static: [] };
  const report = (text: string, choice: Partial<TableChoice> = {}) =>
    describeTable(text, { ...nothing, ...choice }).report;

  test("has its last numeric column forecast, or it is said why there is none", () => {
    const { numeric, choice, facts } = report('\ufeffday;"low; high";"a ""b""";note\r\n1;2,5;3;x\r\n2;;4;y');
    expect([numeric, choice.target]).toEqual([["day", "low; high", 'a "b"'], 'a "b"']);
    expect(facts).toEqual(["2 rows", "no dates", "semicolons between cells", "decimal points"]);
    expect(report("day,note\n2020-01-01,x\n").problem).toMatch(/^No column is numeric: line 2, column "note"/);
    expect(report("1,2\n3,4\n").problem).toMatch(/^The table cannot be read: line 1: expected the names/);
  });

  test("is shown as far as it can be read, with what is missing", () => {
    const text = "day,a,b\n2020-01-01,1,\n2020-01-02,2,5\n2020-01-04,3,6\n";
    const refused = describeTable(text, { ...nothing, target: "b" });
    expect(refused.report.problem).toMatch(/^The table cannot be read: line 2, column "b": expected a number/);
    expect(refused.report.facts).toContain("“b” has 1 empty cell");
    expect([...refused.series[0]!.columns["b"]!]).toEqual([5, 5.5, 6]);
    const gap = report(text, { target: "a" });
    expect(gap.problem).toMatch(/1 date missing between 2020-01-02 and 2020-01-04/);
    const mended = report(text, { target: "a", table: { missing: "interpolate" } });
    expect(mended.facts).toContain("filled in 1 missing value by interpolation");
    expect(mended.problem).toBeUndefined();
  });

  test("may have empty cells that are 0, in columns that are read", () => {
    const text = "day,promotion,sales\n2020-01-01,,4\n2020-01-02,1,5\n2020-01-03,,\n";
    const choice = { target: "sales", knownFuture: ["promotion"] };
    expect(report(text, choice).problem).toMatch(/line 2, column "promotion": .* set `missingAsZero: "promotion"`\.$/);
    const read = report(text, { ...choice, table: { missingAsZero: "promotion" } });
    expect(read.problem).toBeUndefined();
    expect(read.facts).toContain("read 2 missing values as 0");
    const other = report(text, { target: "sales", table: { missingAsZero: "promotion" } });
    expect(other).toMatchObject({
      names: ["day", "promotion", "sales"],
      problem: expect.stringContaining("columns that are read"),
    });
    expect(report(text, { target: "stock", table: { missingAsZero: "stock" } }).choice.table).toEqual({});
  });

  test("suggests the column that tells series apart, and those that are known in advance", () => {
    const rows = ["north", "south"].flatMap((shop) =>
      Array.from(
        { length: 50 },
        (_, i) => `2020-${String((i % 12) + 1).padStart(2, "0")}-01,${shop},${i % 3 === 0}`,
      ).map((row, i) => `${2020 + Math.floor(i / 12)}${row.slice(4)},${i < 48 ? i : ""}`),
    );
    const { choice, suggested, ids, facts, problem } = report(`date,shop,promotion,sales\n${rows.join("\n")}\n`);
    expect(problem).toBeUndefined();
    expect(choice).toEqual({ ...nothing, table: { id: "shop" }, target: "sales", knownFuture: ["promotion"] });
    expect(suggested).toEqual({ season: 12, horizon: 2 });
    expect(ids).toEqual(["north", "south"]);
    expect(facts[0]).toBe("2 series of 48 rows");
    // What was chosen stays.
    const chosen = { ...nothing, target: "sales", table: { missing: "interpolate" } } as const;
    expect(report(`date,shop,promotion,sales\n${rows.join("\n")}\n`, chosen).problem).toMatch(/have the same date/);
  });

  test("of any width and number of series is told in a few", () => {
    const names = Array.from({ length: 500 }, (_, i) => `c${i}`);
    const wide = report(`${names.join(",")}\n${names.map((_, i) => i).join(",")}\n`);
    expect([wide.names.length, wide.numeric.length, wide.choice.target]).toEqual([100, 100, "c499"]);
    const many = Array.from({ length: 4000 }, (_, i) => `s${i >> 1},2020-01-0${(i % 2) + 1},${i}`);
    const { count, ids } = report(`id,day,y\n${many.join("\n")}\n`);
    expect([count, ids.length]).toEqual([2000, 1000]);
  });
});

test("of a long series a chart has few points, and its end can be seen by itself", () => {
  const y = Float64Array.from({ length: 200_000 }, (_, row) => Math.sin(row / 5));
  const series = { id: undefined, columns: { y }, times: undefined, frequency: undefined };
  const all = shownSeries(series, "y", "all");
  expect([all.rows, all.hasEnd, all.lines.x[0], all.lines.x.at(-1)]).toEqual([200_000, true, 1, 200_000]);
  expect(all.lines.x.length).toBeLessThan(5000);
  const end = shownSeries(series, "y", "end");
  expect([...end.lines.x]).toEqual(Array.from({ length: 60 }, (_, i) => 199_941 + i));
});

test("a product that has ended is not forecast, others are, and it is said why", async () => {
  const month = (row: number) => new Date(Date.UTC(2020, row, 1)).toISOString().slice(0, 7);
  const line = (id: string, row: number, known: number) =>
    `${month(row)},${id},${row % 2},${row < known ? 9 + (row % 3) : ""}`;
  const lines = (id: string, rows: number, known: number) =>
    Array.from({ length: rows }, (_, row) => line(id, row, known));
  const text = ["month,id,promotion,sales", ...lines("old", 20, 20), ...lines("usual", 26, 24)].join("\n");
  const { series } = readCsv(text, { columns: ["sales"], knownFuture: ["promotion"], id: "id" });
  const forecaster = await fitForecaster(series, {
    ...{ target: "sales", knownFuture: ["promotion"], horizon: 2, transform: "none", difference: "none" },
    ...{ model: { hiddenSize: 4 }, training: { epochs: 1 } },
  });
  const reports: Report[] = [];
  const desk = new SeriesDesk((report) => reports.push(report));
  const subject = new SeriesSubject(forecaster, series, {});
  await desk.perform({ type: "forecast" }, subject);
  await desk.perform({ type: "show", id: "usual", part: "all" }, subject);
  expect(reports).toMatchObject([
    {
      type: "series",
      shown: {
        id: "old",
        forecastRows: 0,
        unforecastable: "it ended at 2021-08, before others, and has no rows to come",
      },
    },
    { type: "series", shown: { id: "usual", forecastRows: 2 } },
  ]);
  forecaster.model.free();
});

test("forecasts of several series are written as the command line does", () => {
  const one = { from: 10, dates: ["2020-11"], mean: [1.5], quantiles: { 0.9: [2], 0.1: [1] } };
  expect(
    forecastCsv(
      [
        { ...one, id: 'a "b", c' },
        { ...one, id: "d" },
      ],
      "y",
    ),
  ).toBe('id,date,y,y 0.1,y 0.9\n"a ""b"", c",2020-11,1.5,1,2\nd,2020-11,1.5,1,2\n');
  expect(forecastCsv([{ ...one, id: undefined, dates: undefined, quantiles: {} }], "y")).toBe("row,y\n11,1.5\n");
});

test("the numbers of a column have the same decimals", () => {
  const show = (...column: number[]) => column.map(alike(column));
  expect(show(30.361, 90.39, 87.8, -1)).toEqual(["30.36", "90.39", "87.80", "−1.00"]);
  expect(show(0.874, 2.507, Number.NaN)).toEqual(["0.874", "2.507", "–"]);
  expect(show(461, 618.04)).toEqual(["461.0", "618.0"]);
  expect(show(0.00034, 0.0000125)).toEqual(["0.0003400", "0.0000125"]);
  expect(show(123_456.7, 9)).toEqual(["123,457", "9"]);
});

test("numbers and times are formatted for people", () => {
  expect(count(1234567)).toBe("1,234,567");
  expect(loss(0.00001234)).toBe("1.2e-5");
  expect(duration(0.4)).toBe("under 1 s");
  expect(duration(7200)).toBe("2.0 h");
  expect(ago(120_000)).toBe("2 minutes ago");
});

test("the dates of a saved picture are beginnings of years, months or days, and a few", () => {
  const from = (first: string, last: string) =>
    dates(Date.parse(`${first}Z`) / 1000, Date.parse(`${last}Z`) / 1000).map(([, title]) => title);
  expect(from("1949-01-01", "1961-12-01")).toEqual(["1949", "1951", "1953", "1955", "1957", "1959", "1961"]);
  expect(from("2021-03-15", "2021-11-30")).toEqual(["2021-05", "2021-07", "2021-09", "2021-11"]);
  expect(from("2021-03-15", "2021-03-19")).toEqual([
    "2021-03-15",
    "2021-03-16",
    "2021-03-17",
    "2021-03-18",
    "2021-03-19",
  ]);
  for (const title of from("2021-03-15T06:00", "2021-03-15T18:00")) expect(title).toMatch(/^2021-03-15 \d\d:\d\d$/);
});
