import { describe, expect, test } from "vitest";
import { parseTs } from "../../src/classify.js";
import { InputError, OptionError } from "../../src/index.js";

const HEADER = "@problemName Toy\n@timeStamps false\n@univariate false\n@classLabel true up down\n";
const parsed = (text: string, options = {}) => {
  const { sequences } = parseTs(text, options);
  return sequences.map(({ values, label }) => [[...(values as Float64Array)], label]);
};

describe("sequences", () => {
  test("of several dimensions and any length are read step by step", () => {
    const text = `# a comment\n% another\n${HEADER}@data\n1,2,3:10,20,30:up\n\n4:40:down\n`;
    expect(parseTs(text)).toMatchObject({ dimensions: ["1", "2"], classes: ["up", "down"], notes: [] });
    expect(parsed(text)).toEqual([
      [[1, 10, 2, 20, 3, 30], "up"],
      [[4, 40], "down"],
    ]);
  });

  test.each<[what: string, text: string]>([
    ["CRLF, and no line break at the end", `${HEADER}@data\n1,2:up`.replaceAll("\n", "\r\n")],
    ["keys in any case, and spaces", "@CLASSLABEL TRUE up down\n  @Data  \n 1 , 2.0e0 : up "],
    [
      "one dimension that is said",
      "@univariate true\n@classLabel true up down\n@equalLength true\n@seriesLength 2\n@data\n1,2:up",
    ],
    ["the number of dimensions", "@dimensions 1\n@classLabel true up down\n@data\n1,2:up"],
  ])("are read from %s", (_, text) => expect(parsed(text)).toEqual([[[1, 2], "up"]]));

  test("may have no labels", () => {
    expect(parsed("@classLabel false\n@data\n1,2:3,4\n")).toEqual([[[1, 3, 2, 4], undefined]]);
  });

  test("have their missing values filled in where that is asked for, and it is said", () => {
    const text = `${HEADER}@missing true\n@data\n?,2,?,4,NaN:1,1,1,1,1:up\n`;
    expect(() => parseTs(text)).toThrow('line 7: dimension 1, value 1 is missing: set `missing: "interpolate"`');
    const { sequences, notes } = parseTs(text, { missing: "interpolate" });
    expect([...(sequences[0]!.values as Float64Array)].filter((_, i) => i % 2 === 0)).toEqual([2, 2, 3, 4, 4]);
    expect(notes).toEqual(["filled in 3 missing values"]);
    expect(() => parseTs(text, { missing: "drop" as never })).toThrow(OptionError);
    const empty = `${HEADER}@data\n?,?:1,1:up\n`;
    expect(() => parseTs(empty, { missing: "interpolate" })).toThrow('line 6: dimension "1" has no value at all');
  });
});

describe("refused, with the line:", () => {
  const data = (rows: string) => `${HEADER}@data\n${rows}`;
  test.each<[what: string, text: string, message: string]>([
    ["an empty text", "", "line 1: expected a line @data"],
    ["a text without data", HEADER, "line 4: expected a line @data"],
    ["no sequences", `${HEADER}@data\n# none\n`, "line 6: expected sequences below @data, got none"],
    ["another format", "a,b,c\n1,2,3\n", 'line 1: expected a line that begins with @ or #, before @data, got "a,b,c"'],
    [
      "time stamps",
      "@timeStamps true\n@classLabel true a b\n@data\n(0,1):a",
      "line 1: @timeStamps true: sequences with time stamps",
    ],
    [
      "time stamps that are not said",
      data("(0,1),(1,2):up"),
      'line 6: dimension 1, value 1: expected a number, got "(0": sequences with time',
    ],
    ["targets that are numbers", "@targetLabel true\n@data\n1:2", "line 1: @targetLabel"],
    ["a word for a number", "@dimensions many\n@data\n1", 'line 1: @dimensions: expected a number above 0, got "many"'],
    ["no dimension", "@dimensions 0\n@data\n1", 'line 1: @dimensions: expected a number above 0, got "0"'],
    ["too many dimensions", "@dimensions 99999999\n@data\n1", "line 1: @dimensions 99999999: expected at most 8192"],
    ["a word for true", "@classLabel yes a b\n@data\n1", 'line 1: @classlabel: expected true or false, got "yes"'],
    ["a key that is given twice", "@missing false\n@missing false\n@data\n1", "line 2: @missing is given twice"],
    ["classes that are alike", "@classLabel true a a\n@data\n1:a", "line 1: @classLabel true: expected the names"],
    ["no classes", "@classLabel true\n@data\n1:a", "line 1: @classLabel true: expected the names"],
    [
      "an unknown class",
      data("1,2:sideways"),
      'line 6: class "sideways" is not among those of @classLabel: "up", "down"',
    ],
    ["a class that is missing", data("1,2:"), "line 6: the class is missing"],
    [
      "a row without a class",
      data("1,2:1,2:up\n1,2:1,2"),
      "line 7: expected 2 dimensions and a class with colons between, got 1: the class is missing",
    ],
    [
      "another number of dimensions",
      data("1:up\n1:2:up"),
      "line 7: expected 1 dimension and a class with colons between, got 2",
    ],
    ["dimensions of unequal length", data("1,2:1,2,3:up"), "line 6: dimension 2 has 3 values, dimension 1 has 2"],
    ["a dimension without values", data("1,2::up"), "line 6: dimension 2 is empty"],
    ["a value that is no number", data("1,two:up"), 'line 6: dimension 1, value 2: expected a number, got "two"'],
    ["a value that is not there", data("1,,2:up"), 'line 6: dimension 1, value 2: expected a number, got ""'],
    ["a value beyond float64", data("1,1e999:up"), 'line 6: dimension 1, value 2: expected a number, got "1e999"'],
    [
      "another length than @seriesLength",
      "@equalLength true\n@seriesLength 3\n@classLabel true a b\n@data\n1,2:a",
      "line 5: expected 3 values",
    ],
  ])("%s", (_, text, message) => {
    expect(() => parseTs(text)).toThrow(InputError);
    expect(() => parseTs(text)).toThrow(message);
  });

  test("what would be long to read, in a moment", () => {
    const start = performance.now();
    expect(() => parseTs(data(`${"1:".repeat(2_000_000)}up`))).toThrow("got more than 8192");
    expect(() => parseTs(`@classLabel true ${"a ".repeat(1_000_000)}\n@data\n1:a`)).toThrow(InputError);
    expect(() => parseTs(`${"@".repeat(2_000_000)}\n`)).toThrow(InputError);
    expect(() => parseTs(data(`${"x".repeat(2_000_000)}:up`))).toThrow(/got "x{60}"…$/);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
