import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { events, lstmWasm } from "./run.js";

let folder: string;
const at = (name: string) => join(folder, name);

/** A growing wave with a period of 6, and a column that runs two rows ahead of it. */
const wave = (row: number) => (100 + row) * (1 + 0.3 * Math.sin((2 * Math.PI * row) / 6));
const rows = Array.from(
  { length: 90 },
  (_, row) => `2020-${row},${wave(row).toFixed(3)},${wave(row + 2).toFixed(3)},7`,
);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  writeFileSync(at("wave.csv"), `month,"sales, total",leading,constant\r\n${rows.join("\r\n")}\r\n\r\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

const train = (...args: string[]) =>
  lstmWasm(["train", "--json", "--quiet", "--backend=simd", "--window=8", ...args], { cwd: folder });
const sales = () => ["--csv", at("wave.csv"), "--target=sales, total", "--logarithm", "--difference", "--season=6"];

describe("train --csv", () => {
  test("beats both naive forecasts on the held-out rows, in the file's units", async () => {
    const { code, stdout } = await train(
      ...sales(),
      "--test-fraction=0.25",
      "--epochs=120",
      "--out",
      at("wave.safetensors"),
    );
    expect(code).toBe(0);
    const { test } = events(stdout).at(-1) as { test: Record<string, number> };
    expect(test["rows"]).toBe(23);
    expect(test["rmse"]).toBeLessThan(test["seasonalNaiveRmse"]! / 2);
    expect(test["rmse"]).toBeLessThan(test["persistenceRmse"]! / 2);
  });

  test("says so in words", async () => {
    const args = ["train", "--quiet", "--window=8", ...sales(), "--epochs=2"];
    const { stdout } = await lstmWasm(args);
    expect(stdout).toMatch(/^sales, total, one step ahead, on the 18 held-out rows \(from row 73 on\):\n/);
    expect(stdout).toMatch(
      / {2}this model {5}RMSE [\d.]+, mean absolute error [\d.]+\n {2}persistence {4}RMSE [\d.]+\n/,
    );
    expect(stdout).toMatch(/ {2}seasonal naive RMSE [\d.]+\n/);
  });

  test("takes several columns, one of them constant", async () => {
    const args = [...sales().slice(0, 2), "--target=leading", "--columns=leading,constant", "--difference"];
    expect((await train(...args, "--epochs=2")).code).toBe(0);
  });

  test("resumes exactly, and finds its file by itself", async () => {
    await train(...sales(), "--epochs=6", "--out", at("whole"));
    await train(...sales(), "--epochs=3", "--out", at("broken"));
    expect((await train("--resume", at("broken"), "--epochs=6")).code).toBe(0);
    expect(readFileSync(at("broken")).equals(readFileSync(at("whole")))).toBe(true);
  });

  const refusals: [what: string, args: () => string[], code: number, message: RegExp][] = [
    ["no target", () => ["--csv", at("wave.csv")], 2, /--csv needs --target NAME/],
    ["an unknown column", () => ["--csv", at("wave.csv"), "--target=x"], 1, /"x".*sales, total/],
    [
      "a column of text",
      () => ["--csv", at("wave.csv"), "--target=month"],
      1,
      /line 2, column "month": expected a number, got "2020-0"/,
    ],
    ["a NaN cell", () => ["--csv", csv("nan.csv", "a\n1\nNaN\n3"), "--target=a"], 1, /line 3, column "a".*NaN/],
    ["an empty cell", () => ["--csv", csv("empty.csv", "a,b\n1,2\n,3"), "--target=a"], 1, /line 3, column "a"/],
    [
      "fewer rows than the window",
      () => ["--csv", csv("few.csv", "a\n1\n2\n3"), "--target=a"],
      1,
      /needs? at least.*got/,
    ],
    [
      "a logarithm of 0",
      () => ["--csv", csv("zero.csv", `a\n0\n${"1\n".repeat(50)}`), "--target=a", "--logarithm"],
      1,
      /logarithm/,
    ],
    ["an unknown scaling", () => [...sales(), "--scaling=z"], 2, /--scaling: expected one of standard, min-max, none/],
    ["a text beside it", () => [...sales(), "--text=LICENSE"], 2, /--text cannot be combined with --csv/],
    ["a level beside it", () => [...sales(), "--level=word"], 2, /--level cannot be combined with --csv/],
    ["a start from elsewhere", () => [...sales(), "--init-from=x"], 2, /--target cannot be combined with --init-from/],
    ["a target without it", () => ["--target=a"], 2, /--target needs --csv FILE/],
    ["a season without it", () => ["--season=12", "--text=LICENSE"], 2, /--season needs --csv FILE/],
    ["cross-entropy", () => [...sales(), "--loss=cross-entropy"], 2, /--loss: expected mse or huber/],
    ["a season longer than the training part", () => [...sales(), "--season=80", "--epochs=1"], 2, /season/],
  ];
  const csv = (name: string, content: string) => {
    writeFileSync(at(name), content);
    return at(name);
  };
  test.each(refusals)("%s is refused", async (_, args, expectedCode, message) => {
    const { code, stderr } = await train(...args());
    expect(stderr).toMatch(message);
    expect(code).toBe(expectedCode);
  });
});

describe("what a series determines", () => {
  test("cannot be changed when resuming", async () => {
    await train(...sales(), "--epochs=1", "--out", at("settled"));
    for (const flag of ["--logarithm", "--scaling=none", "--target=leading", "--test-fraction=0.5", "--level=word"])
      expect(await train("--resume", at("settled"), flag)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/cannot be combined with --resume, which keeps the checkpoint's/),
      });
    expect(await train("--resume", at("settled"), "--season=80")).toMatchObject({ code: 2, stdout: "" });
    expect((await train("--resume", at("settled"), "--text=LICENSE")).stderr).toMatch(
      /was trained on a series: pass --csv/,
    );
  });

  test("is shown by inspect", async () => {
    const { stdout } = await lstmWasm(["inspect", at("settled")]);
    expect(stdout).toContain(
      "Series:      sales, total, from 8 rows of sales, total; logarithm, difference, scaling standard",
    );
  });

  test("without held-out rows, or with Huber's loss, it trains all the same", async () => {
    const { code, stdout } = await lstmWasm([
      "train",
      "--quiet",
      "--window=8",
      ...sales(),
      "--epochs=1",
      "--test-fraction=0",
    ]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("No rows were held out") });
    const huber = await train(...sales(), "--loss=huber", "--huber-delta=0.5", "--epochs=1");
    expect(events(huber.stdout)[0]).toMatchObject({ config: { loss: "huber", huberDelta: 0.5 } });
  });
});

describe("tables with dates", () => {
  const dated = (name: string, row: (date: string, sales: string) => string, header: string) => {
    const lines = rows.map((line, i) => {
      const date = new Date(Date.UTC(2020, i, 1)).toISOString().slice(0, 10);
      return row(date, line.split(",")[1]!);
    });
    writeFileSync(at(name), `${header}\n${lines.reverse().join("\n")}\nSource: the shop\n`);
    return at(name);
  };
  const plain = () => dated("dated.csv", (date, sales) => `${date},${sales}`, "date,sales");
  const foreign = () =>
    dated(
      "foreign.csv",
      (date, sales) => `${date.split("-").reverse().join(".")};${sales.replace(".", ",")}`,
      "Datum;sales",
    );
  const seasonal = ["--target=sales", "--logarithm", "--difference", "--season=6", "--test-rows=18"];

  test("are read the same from either locale, newest row first, and say from which date on rows are held out", async () => {
    const report = async (csv: string) => {
      const args = ["train", "--quiet", "--window=8", "--csv", csv, ...seasonal, "--epochs=2", "--out", at("dated")];
      const { stdout } = await lstmWasm(args);
      return stdout.split("\n").slice(0, 4);
    };
    const first = await report(plain());
    expect(first[0]).toBe("sales, one step ahead, on the 18 held-out rows (from 2026-01-01 on):");
    expect(await report(foreign())).toEqual(first);
  });

  test("are forecast with dates, read as for training", async () => {
    const args = ["forecast", "--model", at("dated"), "--csv", foreign(), "--horizon=2"];
    const { stdout, stderr } = await lstmWasm(args);
    expect(stdout).toMatch(/^date,sales\n2027-07-01,[\d.]+\n2027-08-01,[\d.]+\n$/);
    expect(stderr).toBe('Table: left out line 92, below the table: "Source: the shop"; sorted the rows by "Datum"\n');
    const { rows: json } = JSON.parse((await lstmWasm([...args, "--json"])).stdout) as { rows: object[] };
    expect(json).toEqual([
      { date: "2027-07-01", mean: expect.any(Number) },
      { date: "2027-08-01", mean: expect.any(Number) },
    ]);
  });

  test("say in flags what helps", async () => {
    const gap = plain();
    writeFileSync(at("gap.csv"), readFileSync(gap, "utf8").replace(/2022-03-01.*\n/, ""));
    const refusal = await train("--csv", at("gap.csv"), ...seasonal);
    expect(refusal).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/1 date missing between 2022-02-01 and 2022-04-01.*set --missing interpolate to/),
    });
    const args = ["--csv", at("gap.csv"), ...seasonal, "--missing=interpolate", "--epochs=1"];
    expect((await train(...args, "--out", at("gap"))).code).toBe(0);
    expect((await train("--resume", at("gap"), "--epochs=2")).code).toBe(0);
    expect((await train("--csv", at("gap.csv"), "--target=sales", "--no-date", "--date=x")).code).toBe(2);
  });
});

describe("forecast", () => {
  const forecast = (...args: string[]) =>
    lstmWasm(["forecast", "--model", at("wave.safetensors"), "--csv", at("wave.csv"), ...args]);

  test("continues the series in its own units, step by step", async () => {
    const { code, stdout } = await forecast("--horizon=12", "--json");
    expect(code).toBe(0);
    const {
      target,
      horizon,
      forecast: values,
    } = JSON.parse(stdout) as { target: string; horizon: number; forecast: number[] };
    expect({ target, horizon }).toEqual({ target: "sales, total", horizon: 12 });
    expect(values).toHaveLength(12);
    for (const [i, value] of values.entries()) expect(Math.abs(value / wave(90 + i) - 1)).toBeLessThan(0.1);
  });

  test("prints a table, and draws a picture", async () => {
    const exact = JSON.parse((await forecast("--horizon=3", "--json")).stdout) as { columns: Record<string, number[]> };
    const { stdout } = await forecast("--horizon=3", "--plot", at("wave.svg"));
    expect(stdout).toMatch(/^"sales, total"\n[\d.]+\n[\d.]+\n[\d.]+\n$/);
    // To the last digit: a series around 10⁹ has its changes there.
    expect(stdout.trim().split("\n").slice(1).map(Number)).toEqual(exact.columns["sales, total"]);
    const svg = readFileSync(at("wave.svg"), "utf8");
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    for (const label of ["20", "80", "row", "sales, total"]) expect(svg).toContain(`>${label}</text>`);
  });

  test("says what is missing or wrong", async () => {
    expect(await forecast("--horizon=0")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--horizon: expected"),
    });
    writeFileSync(at("short.csv"), '"sales, total"\n1\n2\n');
    const short = await lstmWasm(["forecast", "--model", at("wave.safetensors"), "--csv", at("short.csv")]);
    expect(short).toMatchObject({ code: 1, stderr: expect.stringMatching(/at least 9 rows, got 2/) });
    await lstmWasm(["train", "--quiet", "--epochs=1", "--out", at("hamlet")]);
    const text = await lstmWasm(["forecast", "--model", at("hamlet"), "--csv", at("wave.csv")]);
    expect(text).toMatchObject({ code: 1, stderr: expect.stringContaining("was not trained on a series") });
  });
});
