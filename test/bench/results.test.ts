import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { rowsIn, withRows } from "../../bench/results/document.js";
import { ENTRIES } from "../../bench/results/entries.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const document = readFileSync(new URL("../../docs/results.md", import.meta.url), "utf8");

const results = (...names: string[]) =>
  spawnSync(process.execPath, ["build/bench/results/main.js", ...names], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, DATA: "/nowhere" },
  });

test("the document's table is as the command writes it", () => {
  expect(withRows(document, rowsIn(document), ENTRIES)).toBe(document);
});

test("a figure that is made again replaces its row alone", () => {
  const before = rowsIn(document);
  const cells = ["what", "others'", "1.00 $& (1.00 to 1.00), seeds 1 to 5", "0.1 s", "today"];
  const text = withRows(document, new Map([...before, ["adding", cells]]), ENTRIES);
  expect(rowsIn(text)).toEqual(new Map([...before, ["adding", cells]]));
  expect(withRows(text, before, ENTRIES)).toBe(document);
});

test("data that are not here are named, with their source; an unknown figure is an error", () => {
  expect(results("shampoo")).toMatchObject({
    status: 0,
    stdout:
      "SKIPPED shampoo: it needs DATA=FOLDER with shampoo-sales.csv, from Makridakis, Wheelwright and Hyndman 1998\n",
  });
  expect(results("shampo")).toMatchObject({ status: 2, stderr: expect.stringMatching(/there is no "shampo"; choose/) });
});
