// Texts that are wrong and long, which lie in no folder.

const repeat = (text: string, times: number): string => text.repeat(times);
const HEADER = "@problemName Toy\n@univariate false\n@classLabel true up down\n@data\n";

/** By kind, and by what is wrong. */
export const LONG: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  tables: {
    "a cell of 60 000 spaces": () => `a,x\n1,7${repeat(" ", 60_000)}z\n2,3\n`,
    "a cell of 60 000 spaces before a number": () => `a,x\n1,${repeat(" ", 60_000)}7\n2,3\n`,
    "20 000 columns": () => {
      const names = Array.from({ length: 20_000 }, (_, i) => `c${i}`);
      return `${names.join()}\n${names.map((_, i) => i).join()}\n`;
    },
    "a name of 100 000 characters": () => `x,\u009b31m${repeat("x", 100_000)}\n1,2\n`,
    "a cell of 100 000 characters": () => `x,y\n1,${repeat("9", 100_000)}\n`,
    "100 000 quotes": () => `x,y\n1,${repeat('"', 100_000)}\n`,
    "100 000 delimiters": () => `x,y\n${repeat(",", 100_000)}\n`,
    "30 000 blank lines above": () => `${repeat("\r\n", 30_000)}x,y\n1,2\n3,4\n`,
    "30 000 blank lines": () => `x,y\n1,2\n${repeat("\n", 30_000)}3,4\n`,
  },
  ts: {
    "100 000 dimensions": () => `${HEADER}${repeat("1:", 100_000)}up`,
    "100 000 classes": () => `@classLabel true ${repeat("a ", 100_000)}\n@data\n1:a`,
    "90 000 classes, and 6 000 sequences of the last": () => {
      const names = Array.from({ length: 90_000 }, (_, i) => `k${i}`);
      return `@univariate true\n@classLabel true ${names.join(" ")}\n@data\n${repeat("1,2:k89999\n", 6000)}`;
    },
    "a key of 100 000 characters": () => `${repeat("@", 100_000)}\n`,
    "a value of 100 000 characters": () => `${HEADER}${repeat("x", 100_000)}:up`,
  },
  tsf: {
    "a series of 100 000 colons": () => `@relation r\n@frequency daily\n@data\n${repeat(":", 100_000)}\n`,
    "30 000 blank lines above": () => `${repeat("\n", 30_000)}@relation r\n@data\n1,2\n`,
    "30 000 comments of spaces above": () => `${repeat("# \r\n \t\r\n", 30_000)}x`,
    "a name of 100 000 characters": () => `@relation ${repeat("r", 100_000)}\n@frequency daily\n@data\na:1,x\n`,
  },
  vocabularies: {
    "100 000 characters alike": () => `[${repeat('"a",', 100_000)}"b"]`,
    "arrays 100 000 deep": () => `${repeat("[", 100_000)}${repeat("]", 100_000)}`,
    "a character of 100 000": () => `["${repeat("a'", 50_000)}"]`,
    "a word of 100 000": () =>
      `{"level":"word","lowercase":true,"punctuation":"keep","tokens":["${repeat("a'", 50_000)}"]}`,
  },
};
