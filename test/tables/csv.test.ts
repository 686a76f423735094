import { describe, expect, test } from "vitest";
import { InputError, OptionError, settle } from "../internals/common.js";
import { CSV_OPTIONS, type CsvOptions, splitCsv } from "../internals/tables.js";

const split = (text: string, options: CsvOptions = {}) => splitCsv(text, settle(CSV_OPTIONS, options));

describe("rows, and the lines on which they start:", () => {
  const rows = [
    ["1", "2"],
    ["3", "4"],
  ];
  test.each<[what: string, text: string, rows: string[][], lines: number[]]>([
    ["plain rows", "a,b\n1,2\n3,4\n", rows, [2, 3]],
    ["no line break at the end", "a,b\n1,2\n3,4", rows, [2, 3]],
    ["CRLF", "a,b\r\n1,2\r\n3,4\r\n", rows, [2, 3]],
    ["CR alone", "a,b\r1,2\r3,4\r", rows, [2, 3]],
    ["mixed line ends", "a,b\r\n1,2\n3,4\r", rows, [2, 3]],
    ["semicolons", "a;b\n1;2\n3;4\n", rows, [2, 3]],
    ["tabs", "a\tb\n1\t2\n3\t4\n", rows, [2, 3]],
    ["bars", "a|b\n1|2\n3|4\n", rows, [2, 3]],
    ["Excel's hint", "sep=;\na;b\n1;2\n3;4\n", rows, [3, 4]],
    ["blank lines around", "\r\n\r\na,b\r\n1,2\r\n3,4\r\n\r\n \n", rows, [4, 5]],
    ["blank lines between rows", "a,b\n\n1,2\n , \n3,4\n", rows, [3, 5]],
    ["a byte order mark", "\ufeffa,b\n1,2\n3,4\n", rows, [2, 3]],
    ["a quoted header behind a byte order mark", '\ufeff"a",b\n1,2\n3,4\n', rows, [2, 3]],
    ["comments", "# station 7\n# C\na,b\n1,2\n# moved\n3,4\n", rows, [4, 6]],
    ["names in a comment, as NumPy writes them", "# a,b\n1,2\n3,4\n", rows, [2, 3]],
    ["a delimiter at the end of each row", "a,b\n1,2,\n3,4,\n", rows, [2, 3]],
    [
      "cells that are left out at the end of a row",
      "a,b\n1,2\n3\n",
      [
        ["1", "2"],
        ["3", ""],
      ],
      [2, 3],
    ],
    [
      "quotes around commas, line breaks and quotes",
      'a,b\n"1,0","x\r\n""y"""\n3,4\n',
      [
        ["1,0", 'x\n"y"'],
        ["3", "4"],
      ],
      [2, 4],
    ],
    ["spaces, which belong to cells but not to names", " a , b\n 1 , 2\n", [[" 1 ", " 2"]], [2]],
    ["a note below the table", "a,b\n1,2\n3,4\nSource: the office\n", rows, [2, 3]],
    ["totals below the table", "a,b\n1,2\n3,4\nTotal,6\n", rows, [2, 3]],
  ])("%s", (_, text, expected, lines) => {
    expect(split(text)).toMatchObject({ header: ["a", "b"], rows: expected, lines });
  });
});

test("what was left out below a table is said", () => {
  // Behind an index, as pandas writes it.
  expect(split(",day,y\n0,1,2\n1,2,3\n,Summe,5\n").notes).toEqual(['left out line 4, below the table: "Summe 5"']);
  expect(split("a,b\n1,2\nTotal,2\nSource: x\n").notes).toEqual([
    'left out line 3, below the table: "Total 2"',
    'left out line 4, below the table: "Source: x"',
  ]);
});

test("a single column has no delimiter, whatever its decimal separator", () => {
  expect(split("a\n1,5\n2,5\n")).toMatchObject({ header: ["a"], rows: [["1,5"], ["2,5"]], delimiter: undefined });
});

test("in a single column, a blank line between rows is an empty cell", () => {
  expect(split("a\n1\n\n2\n\n").rows).toEqual([["1"], [""], ["2"]]);
});

test("the row names of R and pandas have no name", () => {
  expect(split('"a","b"\n"1",1,2\n"2",3,4\n')).toMatchObject({
    header: ["", "a", "b"],
    rows: [
      ["1", "1", "2"],
      ["2", "3", "4"],
    ],
  });
  expect(split(",a,b\n0,1,2\n").header).toEqual(["", "a", "b"]);
});

test("without a header, columns are counted", () => {
  expect(split("1,2\n3,4\n", { header: false })).toMatchObject({ header: ["1", "2"], lines: [1, 2] });
});

test("a delimiter can be given", () => {
  expect(split("a:b\n1:2\n", { delimiter: ":" }).rows).toEqual([["1", "2"]]);
  expect(split("a,b\tc,d\n1,2\t3,4\n", { delimiter: "tab" }).header).toEqual(["a,b", "c,d"]);
  for (const delimiter of ["", ",,", "\n", '"', "x"])
    expect(() => split("a,b\n1,2", { delimiter })).toThrow(OptionError);
});

test.each([
  ["no text", "", "the table is empty"],
  ["only a byte order mark and blank lines", "\ufeff\r\n \n", "the table is empty"],
  ["only delimiters", ",,\n,\n, \n", "the table is empty"],
  ["only comments and delimiters", "# x\n,", "the table is empty"],
  ["only a quoted space", '\r\n" "\n', "the table is empty"],
  ["no rows", "a,b\n", "no rows below the names"],
  ["too many cells", 'a,b\n"1\n1",2\n3,4,5\n', 'line 4: expected 2 cells, as in the header, got 3 with delimiter ","'],
  ["a quote that is never closed", 'a,b\n1,2\n3,"4\n5,6\n', "line 3: a quoted cell is never closed"],
  ["text after a closing quote", 'a,b\n"1"0,2\n', "line 2:"],
  ["no header", "2015-01-01,100.94\n2015-02-01,104.6\n", "line 1: expected the names of the columns, got values"],
])("%s is refused", (_, text, message) => {
  expect(() => split(text)).toThrow(InputError);
  expect(() => split(text)).toThrow(message);
});
