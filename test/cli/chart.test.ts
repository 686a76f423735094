import { describe, expect, test } from "vitest";
import { backtestPlot, dateTicks, forecastPlot, lossPlot, sparkline, stacked } from "../internals/cli.js";

describe("a curve in a line of text", () => {
  test("rises and falls with the values", () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 40)).toBe("▁▂▃▄▅▆▇█");
    expect(sparkline([4, 0, 4], 40)).toBe("█▁█");
    expect(sparkline([1, 1], 40)).toBe("▁▁");
  });

  test("is no wider than allowed, and keeps its shape", () => {
    const values = Array.from({ length: 1000 }, (_, i) => 1000 - i);
    expect(sparkline(values, 8)).toBe("█▇▆▅▄▃▂▁");
  });
});

describe("the picture of the curves", () => {
  const points = (svg: string) =>
    [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, path]) =>
      path!.split(" ").map((point) => point.split(",").map(Number) as [number, number]),
    );

  test("has a line for each, lower where the loss is lower, from the first epoch to the last", () => {
    const svg = lossPlot(
      [
        { name: "training", values: [4, 2, 1] },
        { name: "validation", values: [4, 3, 3.5] },
      ],
      "Loss",
    );
    const [training, validation] = points(svg);
    expect(training!.map(([x]) => x)).toEqual([60, 382, 704]);
    const [a, b, c] = training!.map(([, y]) => y) as [number, number, number];
    // On the page, down is up: 4, 2 and 1 lie at 4/5 of the height, and so on.
    expect(b - a).toBeCloseTo(2 * (c - b), 1);
    expect(validation![2]![1]).toBeLessThan(validation![1]![1]);
    expect(svg).toContain(">training</text>");
    expect(svg).toContain("epoch 3");
  });

  test("of many epochs has no more points than pixels, and reaches the last epoch", () => {
    const [line] = points(
      lossPlot([{ name: "training", values: Array.from({ length: 5000 }, (_, i) => 1 / (i + 1)) }], "x"),
    );
    // The smallest and the largest value of each pixel, and the last.
    expect(line!.length).toBeLessThanOrEqual(2 * 644 + 1);
    expect(line!.at(-1)![0]).toBeCloseTo(704, 0);
  });

  test("of many rows loses no peak, and no oscillation", () => {
    const wave = Array.from({ length: 15_456 }, (_, i) => Math.sin((2 * Math.PI * i) / 24));
    const heights = (line: [number, number][]) => line.map(([, y]) => y);
    const range = (numbers: number[]) => Math.max(...numbers) - Math.min(...numbers);
    const [line] = points(forecastPlot(wave, [0], "x"));
    const [short] = points(forecastPlot(wave.slice(0, 240), [0], "x"));
    expect(range(heights(line!))).toBeCloseTo(range(heights(short!)), 0);
    // Everywhere: not by beats.
    for (let i = 0; i + 50 < line!.length; i += 50) expect(range(heights(line!.slice(i, i + 50)))).toBeGreaterThan(200);
    const peak = wave.map((_, i) => (i === 7777 ? 1 : 0));
    const [spiked, rest] = points(forecastPlot(peak, [0, 0], "x"));
    expect(spiked!.filter(([, y]) => y === Math.min(...heights(spiked!)))).toHaveLength(1);
    expect(spiked!.map(([x]) => x)).toEqual(spiked!.map(([x]) => x).toSorted((a, b) => a - b));
    expect(rest![0]).toEqual(spiked!.at(-1));
  });

  test("of one epoch has a dot, and of none is still a picture", () => {
    expect(lossPlot([{ name: "training", values: [1] }], "x")).toContain("<circle");
    expect(lossPlot([], "x")).toMatch(/^<svg.*<\/svg>\n$/s);
  });

  test("of rows with dates has ticks where months and years begin, what it measures, and the share of each fan", () => {
    const times = Array.from({ length: 40 }, (_, month) => Date.UTC(2020, 5 + month, 30));
    const values = times.map((_, i) => i);
    const bands = [{ name: "80 % interval", low: [1], high: [2] }];
    const svg = forecastPlot(values.slice(0, 39), [39], "x", { unit: "sales <t>", times, bands });
    for (const label of ["2020-07", "2021-01", "2023-07", "date", "sales &lt;t&gt;", "80 % interval"])
      expect(svg).toContain(`>${label}</text>`);
    // January 1st 2021 lies just behind the row of December, which is the 7th of 40.
    const at = Number(/<text x="([\d.]+)" y="[\d.]+" text-anchor="middle">2021-01</.exec(svg)![1]);
    expect(at).toBeGreaterThan(60 + (6 / 39) * 644);
    expect(at).toBeLessThan(60 + (6.2 / 39) * 644);
    expect(forecastPlot(values, [40], "x")).toMatch(/>10<.*>20<.*>30<.*>row</s);
  });

  test("escapes its title", () => {
    expect(lossPlot([], "a < b & c")).toContain("a &lt; b &amp; c");
  });
});

describe("an SVG document", () => {
  test("has only valid XML characters, whatever its title", () => {
    const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).join("");
    for (const text of [`a${all}b`, "\ud800", "\udc00\ud800", "\ufffe\uffff", "😀"]) {
      const svg = lossPlot([{ name: text, values: [2, 1] }], text);
      // The production Char of XML 1.0, without what it advises against.
      expect(svg).toMatch(/^[\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
      expect(svg.replaceAll(/<[^<>]*>/g, "").replaceAll(/&(amp|lt|gt|quot);/g, "")).not.toMatch(/[<>&]/);
    }
    expect(lossPlot([], "😀 <&>")).toContain("<title>😀 &lt;&amp;&gt;</title>");
  });
});

describe("ticks of dates", () => {
  const labels = (start: number, step: number, rows: number) =>
    dateTicks(
      Array.from({ length: rows }, (_, row) => start + row * step),
      8,
    ).map(({ label }) => label);
  const [HOUR, DAY] = [3_600_000, 86_400_000];

  test.each([
    [
      "centuries of years",
      Date.UTC(1700, 0),
      365.25 * DAY,
      321,
      ["1700", "1750", "1800", "1850", "1900", "1950", "2000"],
    ],
    [
      "two years of weeks",
      Date.UTC(2023, 2, 6),
      7 * DAY,
      100,
      ["2023-04", "2023-07", "2023-10", "2024-01", "2024-04", "2024-07", "2024-10", "2025-01"],
    ],
    ["three weeks of days", Date.UTC(2024, 0, 3), DAY, 21, ["2024-01-08", "2024-01-15", "2024-01-22"]],
    [
      "a day of hours",
      Date.UTC(2024, 0, 3, 20),
      HOUR,
      20,
      ["21:00", "2024-01-04", "03:00", "06:00", "09:00", "12:00", "15:00"],
    ],
    ["two rows", Date.UTC(2024, 0, 1), 31 * DAY, 2, ["2024-01", "2024-02"]],
  ])("%s", (_, start, step, rows, expected) => {
    expect(labels(start, step, rows)).toEqual(expected);
  });

  test("one row has one, and none is none", () => {
    expect(labels(0, 1, 1)).toEqual(["1970-01-01"]);
    expect(dateTicks([], 8)).toEqual([]);
  });
});

describe("the picture of forecasts of the past", () => {
  const values = Array.from({ length: 100 }, (_, i) => i);
  const at = (from: number, rows: number) => ({
    from,
    mean: values.slice(from, from + rows),
    bands: [
      { name: "80 % interval", low: values.slice(from, from + rows), high: values.slice(from + 1, from + rows + 1) },
    ],
  });
  const linesOf = (svg: string) =>
    [...svg.matchAll(/<polyline points="([^"]*)"[^>]*stroke="([^"]*)"/g)].map(([, path, color]) => ({
      color,
      points: path!.split(" ").map((point) => point.split(",").map(Number)),
    }));

  test("has those that follow one another, where they belong", () => {
    // From each row on: the last, the one that ends where it begins, and so on.
    const rolling = Array.from({ length: 25 }, (_, i) => at(70 + i, 6));
    const svg = backtestPlot(values, rolling, "x");
    const [known, forecast, ...others] = linesOf(svg);
    expect(others).toEqual([]);
    // Rows 70 to 99, after half as many.
    expect(known!.points).toHaveLength(45);
    expect(forecast!.points).toHaveLength(30);
    // The values are the row numbers: a forecast lies on the known line.
    for (const point of forecast!.points) expect(known!.points).toContainEqual(point);
    expect(svg.match(/<polygon/g)).toHaveLength(1);
    expect(svg.match(/80 % interval/g)).toHaveLength(1);
  });

  test("has a gap where nothing was forecast", () => {
    const svg = backtestPlot(values, [at(40, 5), at(60, 5), at(80, 5)], "x");
    const [known, ...forecasts] = linesOf(svg);
    expect(forecasts.map(({ points }) => points.length)).toEqual([5, 5, 5]);
    expect(new Set(forecasts.map(({ color }) => color)).size).toBe(1);
    expect(forecasts[0]!.color).not.toBe(known!.color);
    expect(svg.match(/>forecast<\/text>/g)).toHaveLength(1);
  });

  test("of several series is a picture below the other", () => {
    const svg = stacked([backtestPlot(values, [at(40, 5)], "one"), backtestPlot(values, [at(40, 5)], "two")]);
    expect(svg).toContain('viewBox="0 0 720 800"');
    expect([...svg.matchAll(/<svg y="(\d+)"/g)].map(([, y]) => y)).toEqual(["0", "400"]);
    expect(svg).toMatch(/<title>one<\/title>[\s\S]*<title>two<\/title>/);
  });
});
