import { beforeAll, describe, expect, test } from "vitest";
import { parseTs, readLabeledCsv } from "../../src/classify.js";
import { describeCsv, readCsv, readTsf } from "../../src/forecast.js";
import { LstmError, load } from "../../src/index.js";
import { fixture } from "../bytes.js";
import { FULL } from "../full.js";
import { inTime } from "../fuzz/survive.js";
import { read } from "../internals/checkpoint.js";
import { importModel } from "../internals/convert.js";
import { vocabularyFrom } from "../internals/data.js";
import { isTsf } from "../internals/tables.js";
import { corpus, type Wrong } from "./corpus.js";

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const backend = "javascript";
const beside = (folder: string) => (name: string) => fixture(`convert/${folder}/${name}`).catch(() => undefined);

const TABLES = ["tables"];
/** Of other kinds, a reader is given one of so many files. */
const OTHERS = FULL ? 1 : 4;

/** All that reads files of people's, and what kinds of files it is there for. */
const READERS: Readonly<Record<string, readonly [kinds: readonly string[], read: (bytes: Uint8Array) => unknown]>> = {
  "a safetensors file": [["safetensors"], read],
  "a checkpoint": [["checkpoints"], async (bytes) => (await load(bytes, { backend })).free()],
  "a checkpoint in a Blob": [
    ["checkpoints"],
    async (bytes) => (await load(new Blob([new Uint8Array(bytes)]), { backend })).free(),
  ],
  "another program's file": [
    ["pt", "keras", "h5", "onnx", "safetensors", "tensorflowjs"],
    async (bytes) => (await importModel(bytes, { backend, beside: beside("tensorflowjs") })).free(),
  ],
  "an ml5 manifest": [["ml5"], async (bytes) => (await importModel(bytes, { backend, beside: beside("ml5") })).free()],
  "an ml5 vocabulary": [
    ["vocabularies"],
    async (bytes) => {
      const ml5 = beside("ml5");
      const own = async (name: string) => (name === "vocab.json" ? bytes : ml5(name));
      (await importModel(await fixture("convert/ml5/manifest.json"), { backend, beside: own })).free();
    },
  ],
  "one layer of a file": [
    ["pt", "keras", "h5", "onnx"],
    async (bytes) => (await importModel(bytes, { backend, layers: "lstm" })).free(),
  ],
  "a table": [TABLES, (bytes) => readCsv(textOf(bytes), { columns: ["x"] })],
  "a table to be mended": [
    TABLES,
    (bytes) => readCsv(textOf(bytes), { columns: ["x"], id: "id", missing: "interpolate" }),
  ],
  "a table with dates, whose gaps are dropped": [
    TABLES,
    (bytes) => readCsv(textOf(bytes), { columns: ["x"], date: "date", missing: "drop" }),
  ],
  "a table's columns": [TABLES, (bytes) => describeCsv(textOf(bytes))],
  "a labeled table": [TABLES, (bytes) => readLabeledCsv(textOf(bytes), { label: "label" })],
  "a .ts file": [["ts"], (bytes) => parseTs(textOf(bytes))],
  "a .ts file to be mended": [["ts"], (bytes) => parseTs(textOf(bytes), { missing: "interpolate" })],
  "a file of series": [
    ["tables", "tsf"],
    (bytes) => {
      const text = textOf(bytes);
      return isTsf(text) ? readTsf(text) : readCsv(text, { columns: ["x"] });
    },
  ],
  "a .tsf file": [["tsf"], (bytes) => readTsf(textOf(bytes))],
  "a .tsf file to be mended": [["tsf"], (bytes) => readTsf(textOf(bytes), { missing: "interpolate" })],
  "a vocabulary": [
    ["vocabularies"],
    (bytes) => {
      let json: unknown;
      try {
        json = JSON.parse(textOf(bytes));
      } catch {
        return;
      }
      const vocabulary = vocabularyFrom(json);
      vocabulary.encode(vocabulary.decode([vocabulary.size - 1]));
    },
  ],
};

describe("what was once read wrongly is read or refused", () => {
  let files: Readonly<Record<string, readonly Wrong[]>>;
  beforeAll(async () => {
    files = await corpus();
  });

  test("there are a few for each kind", () => {
    expect(Object.keys(files).sort()).toEqual([...new Set(Object.values(READERS).flatMap(([kinds]) => kinds))].sort());
    for (const [kind, wrong] of Object.entries(files)) expect(wrong.length, kind).toBeGreaterThan(4);
  });

  // Each by all readers: what something is, its name does not decide.
  test.each(Object.entries(READERS))("as %s", async (_, [kinds, reader]) => {
    const errors: string[] = [];
    for (const [kind, wrong] of Object.entries(files))
      for (const [i, [what, bytes]] of wrong.entries()) {
        if (!kinds.includes(kind) && i % OTHERS > 0) continue;
        await inTime(1000, what, async () => {
          try {
            await reader(bytes);
          } catch (error) {
            if (!(error instanceof LstmError)) errors.push(`${kind}, ${what}: ${error}`);
          }
        });
      }
    expect(errors).toEqual([]);
  });
});
