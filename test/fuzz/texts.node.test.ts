import { expect, inject, test } from "vitest";
import { parseTs, readLabeledCsv } from "../../src/classify.js";
import { describeCsv, readCsv, readTsf } from "../../src/forecast.js";
import { LstmError } from "../../src/index.js";
import { presets } from "../../src/presets.js";
import { mutateBlindly, pick } from "../checkpoint/mutate.js";
import { mutateJson } from "../convert/mutations.js";
import type { Random } from "../internals/common.js";
import { characters, vocabularyFrom, words } from "../internals/data.js";
import { isTsf } from "../internals/tables.js";
import { mutateLines } from "./mutate-lines.js";
import { survive } from "./survive.js";
import { wrongFiles } from "./wrong-files.js";

// npm run fuzz -- --runs 1000000
const RUNS = inject("fuzzRuns") || 300;
const FROM = inject("fuzzFrom");

const encoder = new TextEncoder();
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const rows = (count: number, row: (i: number) => string) => Array.from({ length: count }, (_, i) => row(i)).join("\n");

const TABLES = [
  `month,x,y\n${rows(30, (i) => `19${50 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")},${i},${(i * 7) % 5}.5`)}\n`,
  `id;x;y\n${rows(24, (i) => `"s ${i % 3}";${i},25;${-i}`)}\n`,
  `date\tx\ty\tlabel\r\n${rows(20, (i) => `${1 + i}.3.2001\t${i}e-3\t?\t${i % 2 ? "a" : "b"}\r`)}`,
];
const TS = [
  `@problemName p\n@timeStamps false\n@missing true\n@univariate false\n@dimensions 2\n@equalLength false\n@classLabel true a b\n@data\n${rows(12, (i) => `1,2,${i}:3,?,${i}:${i % 2 ? "a" : "b"}`)}\n`,
  `# comment\n@univariate true\n@seriesLength 3\n@classLabel true 1 2 3\n@data\n${rows(9, (i) => `${i},0.5,-1e3:${1 + (i % 3)}`)}`,
];
const TSF = [
  `@relation r\n@attribute series_name string\n@attribute start_timestamp date\n@frequency monthly\n@horizon 6\n@missing false\n@data\n${rows(8, (i) => `T${i}:1999-11-01 00-00-00:1,2.5,-3e2,${i}`)}\n`,
];
const VOCABULARIES = [
  characters(presets.hamlet.text.slice(0, 60)).toJSON(),
  words(presets.hamlet.text, { minFrequency: 3 }).toJSON(),
  ["a", "b", "é", "😀", "\n"],
].map((description) => JSON.stringify(description));

const options = (random: Random) => ({
  columns: pick(random, [["x", "y"], ["x"]]),
  missing: pick(random, ["error", "interpolate", "drop"] as const),
  ...pick(random, [{}, { id: "id" }, { date: false as const }, { date: "month" }]),
});

/** Readers of texts, what wrong ones are called, and sound ones to damage. */
const READERS: Readonly<
  Record<string, readonly [kind: string, texts: readonly string[], read: (text: string, random: Random) => unknown]>
> = {
  "a table's columns": [
    "tables",
    TABLES,
    (text, random) => readCsv(text, options(random) as Parameters<typeof readCsv>[1]),
  ],
  "a table's description": ["tables", TABLES, (text) => describeCsv(text)],
  "a labeled table": ["tables", TABLES, (text) => readLabeledCsv(text, { label: "label" })],
  "a .ts file": ["ts", TS, (text, random) => parseTs(text, pick(random, [{}, { missing: "interpolate" as const }]))],
  "a .tsf file": ["tsf", TSF, (text) => readTsf(text)],
  "a file of series": [
    "tsf",
    [...TABLES, ...TSF],
    (text) => (isTsf(text) ? readTsf(text) : readCsv(text, { columns: ["x"] })),
  ],
};

test.each(Object.entries(READERS))(
  `%s: ${RUNS} damaged texts are each read or refused, in time and memory`,
  { timeout: 30_000 + 20 * RUNS },
  async (_, [kind, texts, read]) => {
    const trial = {
      corpus: await wrongFiles(kind),
      files: texts.map((text) => encoder.encode(text)),
      damage: mutateLines,
      read: (bytes: Uint8Array, random: Random) => read(textOf(bytes), random),
      isRefusal: (error: unknown) => error instanceof LstmError,
    };
    const share = await survive(trial, FROM, RUNS);
    // Otherwise the damage is too great, or too small, to test anything.
    expect(share).toBeGreaterThan(0.01);
    expect(share).toBeLessThan(0.99);
  },
);

test(`a vocabulary: ${RUNS} damaged descriptions are each read or refused, in time and memory`, {
  timeout: 30_000 + 20 * RUNS,
}, async () => {
  const trial = {
    corpus: await wrongFiles("vocabularies"),
    files: VOCABULARIES.map((text) => encoder.encode(text)),
    damage: (file: Uint8Array, random: Random) => pick(random, [mutateJson, mutateBlindly])(file, random),
    read: (bytes: Uint8Array) => {
      const vocabulary = vocabularyFrom(JSON.parse(textOf(bytes)));
      for (let token = 0; token < Math.min(vocabulary.size, 100); token++)
        vocabulary.encode(vocabulary.decode([token]));
    },
    isRefusal: (error: unknown) => error instanceof LstmError || error instanceof SyntaxError,
  };
  const share = await survive(trial, FROM, RUNS);
  expect(share).toBeGreaterThan(0.01);
  expect(share).toBeLessThan(0.99);
});
