import { expect, test } from "vitest";
import { InputError } from "../internals/common.js";
import { decimalOf, isMissing, parseNumber } from "../internals/tables.js";

test.each<[string, "." | ",", number]>([
  ["1.5", ".", 1.5],
  [" -1.5e3 ", ".", -1500],
  [".5", ".", 0.5],
  ["+2.", ".", 2],
  ["1E-2", ".", 0.01],
  ["1.0094D+02", ".", 100.94],
  ["1,234,567.5", ".", 1234567.5],
  ["1.234.567,5", ",", 1234567.5],
  ["1 234,5", ",", 1234.5],
  ["1\u202f234\u00a0567,5", ",", 1234567.5],
  ["1'234.5", ".", 1234.5],
  ["12_345", ".", 12345],
  ["$1,000", ".", 1000],
  ["-$5", ".", -5],
  ["12,50 €", ",", 12.5],
  ["12.5%", ".", 12.5],
  ["(123.4)", ".", -123.4],
  ["−3", ".", -3],
  ["'7.5'", ".", 7.5],
  ["TRUE", ".", 1],
  ["no", ".", 0],
  ["WAHR", ",", 1],
  ["nein", ",", 0],
  ["Sí", ",", 1],
  ["FAUX", ",", 0],
])("%j with decimal %j is %d", (cell, decimal, value) => {
  expect(parseNumber(cell, decimal)).toBe(value);
});

test.each([
  "",
  "x",
  "Infinity",
  "1e999",
  "0x10",
  "1e",
  ".",
  ",",
  "--1",
  "1.2.3",
  "1,23,456",
  "12 kg",
  "2020-01-01",
  "1 2",
  "constructor",
])("%j is not a number", (cell) => {
  expect(parseNumber(cell, ".")).toBeUndefined();
});

test("a cell of many spaces is read in time that grows with their number alone", () => {
  const start = performance.now();
  expect(parseNumber(`7${" ".repeat(200_000)}z`, ".")).toBeUndefined();
  expect(parseNumber(`7${" ".repeat(200_000)}`, ".")).toBe(7);
  expect(performance.now() - start).toBeLessThan(1000);
});

test("cells for a missing value are those of pandas, R and spreadsheets", () => {
  for (const cell of ["", " ", "NA", "n/a", "NaN", "null", "None", "#N/A", "-", "."])
    expect(isMissing(cell)).toBe(true);
  for (const cell of ["0", "inf", "x", "-1"]) expect(isMissing(cell)).toBe(false);
});

const cells = (...texts: string[]) => texts.map((text, i) => ({ text, line: i + 2, column: "y" }));

test.each<[what: string, texts: string[], delimiter: string | undefined, "." | ","]>([
  ["plain numbers", ["1", "2"], ",", "."],
  ["points", ["1.5", "2"], ",", "."],
  ["commas", ["1,5", "2"], ";", ","],
  ["three decimals", ["1.500", "2.750"], ",", "."],
  ["three decimals behind commas", ["1,500", "2,750"], ";", ","],
  ["thousands in quotes", ["1,500", "2,750"], ",", "."],
  ["thousands beside a decimal comma", ["1.500", "2,75"], ";", ","],
  ["both in one", ["1.500,25"], ";", ","],
  ["two groups", ["1.500.000"], ";", ","],
  ["what is no number", ["x", "1,5"], ";", ","],
  ["a zero before the comma and four decimals", ["0,1234"], undefined, ","],
])("%s", (_, texts, delimiter, expected) => {
  expect(decimalOf(cells(...texts), delimiter)).toBe(expected);
});

test("what could be a fraction or thousands is refused, and so is both in one table", () => {
  expect(() => decimalOf(cells("1.500", "900"), ";")).toThrow(InputError);
  expect(() => decimalOf(cells("1.500", "900"), ";")).toThrow(
    /line 2, column "y" \("1.500"\) could be a fraction or thousands/,
  );
  expect(() => decimalOf(cells("1,500"), "\t")).toThrow(/set `decimal`/);
  expect(() => decimalOf(cells("1.5", "2,5"), ";")).toThrow(/point in line 2, .* comma in line 3/);
});
