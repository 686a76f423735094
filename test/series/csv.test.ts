import { expect, test } from "vitest";
import { InputError } from "../internals/common.js";
import { parseCsv, parseCsvColumns } from "../internals/series.js";

test.each([
  [
    "plain rows",
    "a,b\n1,2\n3,4\n",
    [
      ["1", "2"],
      ["3", "4"],
    ],
    [2, 3],
  ],
  ["no line break at the end", "a,b\n1,2", [["1", "2"]], [2]],
  ["CRLF", "a,b\r\n1,2\r\n", [["1", "2"]], [2]],
  ["blank lines at the end", "a,b\r\n1,2\r\n\r\n \n", [["1", "2"]], [2]],
  ["a byte order mark", "\ufeffa,b\n1,2\n", [["1", "2"]], [2]],
  ["a quoted header behind a byte order mark", '\ufeff"a",b\n1,2\n', [["1", "2"]], [2]],
  [
    "quotes around commas, line breaks and quotes",
    'a,b\n"1,0","x\r\n""y"""\n3,4\n',
    [
      ["1,0", 'x\r\n"y"'],
      ["3", "4"],
    ],
    [2, 4],
  ],
  ["quotes around nothing", 'a,b\n"",""\n', [["", ""]], [2]],
  ["spaces, which belong to cells but not to names", " a , b\n 1 , 2\n", [[" 1 ", " 2"]], [2]],
  ["empty cells at the end of the text", "a,b\n,", [["", ""]], [2]],
  ["no rows", "a,b\n", [], []],
])("%s", (_, text, rows, lines) => {
  expect(parseCsv(text)).toEqual({ header: ["a", "b"], rows, lines });
});

test("in a single column, a blank line between rows is an empty cell, and so is a quoted one at the end", () => {
  expect(parseCsv('a\n1\n\n2\n""\n\n').rows).toEqual([["1"], [""], ["2"], [""]]);
});

test.each([
  ["no text", "", "the CSV text is empty"],
  ["only a byte order mark and blank lines", "\ufeff\r\n \n", "the CSV text is empty"],
  ["too few cells", "a,b\n1,2\n3\n", "line 3: expected 2 cells, as in the header, got 1"],
  ["too many cells", 'a,b\n"1\n1",2\n3,4,\n', "line 4: expected 2 cells, as in the header, got 3"],
  ["a blank line between rows", "a,b\n\n1,2\n", "line 2: expected 2 cells"],
  ["a quote that is never closed", 'a,b\n1,2\n3,"4\n5,6\n', "line 3: a quoted cell is never closed"],
  ["a quote inside an unquoted cell", 'a,b\n1,2"\n', "line 2: a quote inside an unquoted cell"],
  ["text after a closing quote", 'a,b\n"1"0,2\n', "line 2: expected a comma or a line break after the closing quote"],
  ["a lone carriage return", "a,b\r1,2\r", "line 1: a carriage return without a line feed"],
  ["a repeated name", "a,b, a\n", 'line 1: two columns are named "a"'],
  ["an empty name", "a,,b\n", "line 1: column 2 has no name"],
])("%s is refused", (_, text, message) => {
  expect(() => parseCsv(text)).toThrow(InputError);
  expect(() => parseCsv(text)).toThrow(message);
});

test("numeric columns are read by name, and other columns may contain anything", () => {
  const columns = parseCsvColumns('when,"x, y",z\r\n"Jan, 1", -1.5e3 ,.5\r\nFeb,+2.,1E-2\r\n\r\n', ["z", "x, y"]);
  expect([...columns]).toEqual([
    ["z", Float64Array.of(0.5, 0.01)],
    ["x, y", Float64Array.of(-1500, 2)],
  ]);
});

test("an unknown column is rejected with a list of the columns", () => {
  expect(() => parseCsvColumns("a,b\n1,2\n", ["a", "c"])).toThrow(InputError);
  expect(() => parseCsvColumns("a,b\n1,2\n", ["a", "c"])).toThrow('no column "c"; the columns are "a", "b"');
});

test.each(["", "NaN", "Infinity", "1e999", "n/a", "1 000", "0x10", "1e", ".", "--1", "1_000", "12%"])(
  "%j is not a number",
  (cell) => {
    const text = `name,x\n"two\nlines",1\nb,${cell}\n`;
    expect(() => parseCsvColumns(text, ["x"])).toThrow(InputError);
    expect(() => parseCsvColumns(text, ["x"])).toThrow(
      `line 4, column "x": expected a number, got ${JSON.stringify(cell)}`,
    );
  },
);

test("thousands separators are rejected, and long cells are truncated in the message", () => {
  expect(() => parseCsvColumns('x\n"1,000"\n', ["x"])).toThrow('line 2, column "x": expected a number, got "1,000"');
  expect(() => parseCsvColumns(`x\n${"a".repeat(99)}\n`, ["x"])).toThrow(`got "${"a".repeat(40)}…"`);
});

test("a hundred thousand columns take no longer than as many cells, and a message lists ten of them", () => {
  const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
  const text = `${names.join(",")}\n${names.map((_, i) => i).join(",")}\n`;
  // Ten seconds, where each name is looked for among all of them.
  const start = performance.now();
  expect(parseCsvColumns(text, names.slice(-2000)).get("c99999")).toEqual(Float64Array.of(99_999));
  let message = "";
  try {
    parseCsvColumns(text, ["C9999x"]);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(performance.now() - start).toBeLessThan(3000);
  expect(message).toMatch(/^no column "C9999x"; the columns are "c9999", .* and 99990 more$/);
  expect(message.length).toBeLessThan(200);
});

test("names of columns are escaped and truncated in messages", () => {
  const name = `\u009b31m${"x".repeat(1e6)}`;
  for (const [text, wanted] of [
    [`${name},${name}\n1,2\n`, "a"],
    [`${name}\n1\n`, "a"],
    ["a\n1\n", name],
    [`${name}\nb\n`, name],
  ] as const) {
    expect(() => parseCsvColumns(text, [wanted])).toThrow(/\\u009b31mx{50,}"…/);
    expect(() => parseCsvColumns(text, [wanted])).not.toThrow(/x{100}/);
  }
});
