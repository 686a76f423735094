import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { events, lstmWasm } from "./run.js";

let folder: string;
const at = (name: string) => join(folder, name);

const FIRST = { coffee: 300, tea: 40, milk: 9000 };
/** What a shop sells in a month: more each year, most in summer. */
const sales = (product: keyof typeof FIRST, month: number) =>
  Math.round(FIRST[product] * (1 + month / 60) * (1 + 0.4 * Math.sin((Math.PI * month) / 6)));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  // As pandas exports a table: with its index, the newest rows first.
  const months = Array.from({ length: 48 }, (_, month) =>
    new Date(Date.UTC(2020, month, 1)).toISOString().slice(0, 10),
  );
  const rows = months.flatMap((date, month) =>
    (["coffee", "tea", "milk"] as const).map((product) => `${date},${product},${sales(product, month)}`),
  );
  const table = ["date,product,sales", ...rows.reverse()].map((row, i) => `${i === 0 ? "" : i - 1},${row}`);
  writeFileSync(at("shop.csv"), `${table.join("\n")}\n`);
  writeFileSync(at("one.csv"), `date,sales\n${months.map((date, m) => `${date},${sales("tea", m)}`).join("\n")}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (command: string, ...args: string[]) => lstmWasm([command, "--backend=simd", ...args], { cwd: folder });
const inspect = (...args: string[]) => lstmWasm(["inspect", ...args], { cwd: folder });
const shop = ["--csv=shop.csv", "--id=product", "--target=sales", "--season=12", "--horizon=6", "--test-rows=6"];
const brief = ["--epochs=20", "--hidden-size=8"];

test("a table in Latin-1 is forecast in the encoding that it was trained in, and a newer one in UTF-8 too", async () => {
  const text = readFileSync(at("one.csv"), "utf8").replace("sales", "Umsätze");
  writeFileSync(at("latin.csv"), Buffer.from(text, "latin1"));
  const flags = ["--csv=latin.csv", "--target=Umsätze", "--test-rows=6", "--no-auto", "--epochs=1"];
  expect(await run("train", ...flags)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/is not UTF-8 \(byte 9\)/),
  });
  const trained = ["--csv=latin.csv", "--target=Umsätze", "--test-rows=6", "--hidden-size=4", "--epochs=1", "--quiet"];
  await run("train", ...trained, "--encoding=windows-1252", "--out=latin");
  const future = await run("forecast", "--model=latin", "--csv=latin.csv");
  expect(future).toMatchObject({ code: 0, stdout: expect.stringMatching(/^date,Umsätze\n2024-01-01,\d/) });
  writeFileSync(at("utf8.csv"), text);
  expect((await run("forecast", "--model=latin", "--csv=utf8.csv")).stdout).toBe(future.stdout);
});

describe("three products in one file, exported by pandas", () => {
  test("are learned together, and forecast with dates, in two commands", async () => {
    const { code, stdout, stderr } = await run("train", ...shop, ...brief, "--out=shop");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(
      /^Chose 12 rows of changes from season to season.*: an error of [\d.]+ mean changes on the/m,
    );
    expect(stdout).toMatch(/^sales, 6 rows ahead, on the 18 held-out rows of 3 series:\n {2}this model {11}RMSE/);
    for (const name of ["persistence", "seasonal naive", "drift", "Holt's linear trend"])
      expect(stdout).toMatch(new RegExp(`^  ${name} +RMSE [\\d.]+, mean absolute error [\\d.]+, MASE [\\d.]+$`, "m"));
    const future = await run("forecast", "--model=shop", "--csv=shop.csv", "--plot=shop.svg");
    const rows = future.stdout.trim().split("\n");
    expect(rows).toHaveLength(19);
    expect(rows[0]).toBe("id,date,sales");
    const of = rows.slice(1).map((row) => row.split(",") as [keyof typeof FIRST, string, string]);
    expect(of.slice(0, 2).map(([id, date]) => `${id} ${date}`)).toEqual(["milk 2024-01-01", "milk 2024-02-01"]);
    for (const [i, [product, , mean]] of of.entries())
      expect(Math.abs(Number(mean) / sales(product, 48 + (i % 6)) - 1)).toBeLessThan(0.1);
    expect(readFileSync(at("shop.svg"), "utf8")).toContain("sales of milk and its forecast for 6 rows");
  });

  test("say in JSON what was chosen, and how good it is", async () => {
    const { stdout } = await run("train", ...shop, ...brief, "--json", "--quiet");
    const all = events(stdout) as Record<string, Record<string, unknown>>[];
    expect(all[0]).toMatchObject({
      choice: { difference: "seasonal", scaling: "window", epochs: 20, isNaive: false, trials: expect.any(Array) },
    });
    const { test } = all.at(-1)!;
    expect(test).toMatchObject({ rows: 18, mase: expect.any(Number), smape: expect.any(Number) });
    expect(test!["rmse"]).toBeLessThan(Number(test!["persistenceRmse"]) / 4);
    expect(test!["rmse"]).toBeLessThan(Number(test!["seasonalNaiveRmse"]));
    const future = await run("forecast", "--model=shop", "--csv=shop.csv", "--horizon=1", "--json");
    expect(JSON.parse(future.stdout)).toEqual({
      target: "sales",
      horizon: 1,
      rows: ["milk", "tea", "coffee"].map((id) => ({ id, date: "2024-01-01", mean: expect.any(Number) })),
    });
  });

  test("also forecast a product that was not among them", async () => {
    writeFileSync(
      at("new.csv"),
      readFileSync(at("one.csv"), "utf8").trim().replace(/^/gm, "x,").replace("x,date", "product,date"),
    );
    const { stdout } = await run("forecast", "--model=shop", "--csv=new.csv");
    const values = stdout.trim().split("\n").slice(1);
    for (const [i, row] of values.entries())
      expect(Math.abs(Number(row.split(",")[2]) / sales("tea", 48 + i) - 1)).toBeLessThan(0.1);
  });

  test("are forecast from rolling origins, and compared with what came", async () => {
    const args = ["--model=shop", "--csv=shop.csv", "--origins=4", "--horizon=3"];
    const { stdout, stderr, code } = await run("backtest", ...args, "--forecasts=all.csv");
    expect(code).toBe(0);
    expect(stderr).toBe('Table: sorted the rows by "date"\n');
    expect(stdout).toMatch(/^sales, 3 rows ahead, 12 forecasts of 36 rows:\n {2}this model +RMSE/);
    expect(stdout).toMatch(/^ +rows ahead +RMSE +MAE\n +1 +[\d.]+ +[\d.]+\n +2 .*\n +3 .*\n$/m);
    const [head, ...rows] = readFileSync(at("all.csv"), "utf8").trim().split("\n");
    expect(head).toBe("id,origin,step,row,sales,mean");
    expect(rows).toHaveLength(36);
    expect(rows[0]).toMatch(new RegExp(`^milk,2023-06-01,1,2023-07-01,${sales("milk", 42)},[\\d.]+$`));
    const json = JSON.parse((await run("backtest", ...args, "--json")).stdout) as Record<
      string,
      Record<string, number>
    >;
    expect(json).toMatchObject({ rows: 36, persistence: { rmse: expect.any(Number) }, steps: [{}, {}, {}] });
    expect(Number(json["mase"])).toBeLessThan(json["seasonalNaive"]!["mase"]!);
    expect(json["series"]).toMatchObject([{ id: "milk" }, { id: "tea" }, { id: "coffee" }]);
    const early = await run("backtest", ...args.slice(0, 2), "--origins=20", "--horizon=1");
    expect(early.stderr).toContain(
      "42 of 60 forecasts begin in rows that the model was trained on: their errors say little\n",
    );
    expect((await run("backtest", ...args, "--from=3")).code).toBe(2);
  });

  test("without --id are refused, with what helps", async () => {
    const { code, stderr } = await run("train", "--csv=shop.csv", "--target=sales");
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/set --id.*"product"/) });
  });
});

describe("a planner's export: three products, promotions that are planned already, and months to come without sales", () => {
  const promoted = (month: number, p: number) => (month * 5 + p * 3 + ((month * month) % 7)) % 4 === 0;
  const products = ["coffee", "tea", "milk"] as const;
  const sold = (product: (typeof products)[number], p: number, month: number) =>
    Math.round(sales(product, month) * (promoted(month, p) ? 1.5 : 1));
  const kinds = { coffee: "hot", tea: "hot", milk: "cold" };
  const plan = [
    "--id=product",
    "--target=sales",
    "--season=12",
    "--horizon=3",
    "--test-rows=6",
    "--threads=1",
    "--hidden-size=16",
    "--learning-rate=0.01",
  ];
  const columns = ["--known-future=promotion", "--static=kind", "--calendar", "--quantiles=0.1,0.5,0.9"];

  beforeAll(() => {
    const rows = products.flatMap((product, p) =>
      Array.from({ length: 51 }, (_, month) => {
        const date = new Date(Date.UTC(2020, month, 1)).toISOString().slice(0, 10);
        const promotion = promoted(month, p) ? "True" : "False";
        return `${date},${product},${kinds[product]},${promotion},${month < 48 ? sold(product, p, month) : ""}`;
      }),
    );
    const table = ["date,product,kind,promotion,sales", ...rows].map((row, i) => `${i === 0 ? "" : i - 1},${row}`);
    writeFileSync(at("plan.csv"), `${table.join("\n")}\n`);
    writeFileSync(at("unplanned.csv"), `${table.filter((_, i) => i === 0 || (i - 1) % 51 < 49).join("\n")}\n`);
  });

  test("become a plotted forecast with intervals in two commands", async () => {
    const trained = await run("train", "--csv=plan.csv", ...plan, ...columns, "--epochs=20", "--out=plan", "--quiet");
    expect(trained).toMatchObject({ code: 0 });
    const { stdout, code } = await run("forecast", "--model=plan", "--csv=plan.csv", "--plot=plan.svg");
    expect(code).toBe(0);
    const [head, ...rows] = stdout.trim().split("\n");
    expect(head).toBe("id,date,sales,sales 0.1,sales 0.5,sales 0.9");
    expect(rows).toHaveLength(9);
    for (const [i, row] of rows.entries()) {
      const [id, date, mean, low, , high] = row.split(",");
      const p = Math.floor(i / 3);
      expect([id, date]).toEqual([products[p], `2024-0${1 + (i % 3)}-01`]);
      expect(Math.abs(Number(mean) / sold(products[p]!, p, 48 + (i % 3)) - 1)).toBeLessThan(0.25);
      expect(Number(low)).toBeLessThanOrEqual(Number(high));
    }
    expect(readFileSync(at("plan.svg"), "utf8")).toContain("<polygon");
    const past = await run("backtest", "--model=plan", "--csv=plan.csv", "--json");
    const ofSeries = { rows: 6, mase: expect.any(Number), coverage: { "0.8": expect.any(Number) } };
    expect(JSON.parse(past.stdout)).toMatchObject({
      ...{ rows: 18, coverage: { "0.8": expect.any(Number) } },
      steps: new Array(3).fill({ rows: 6, rmse: expect.any(Number), width: { "0.8": expect.any(Number) } }),
      series: products.map((id) => ({ id, ...ofSeries, pinball: expect.any(Number) })),
    });
    const refit = ["--origins=1", "--refit", "--scores=scores.csv"];
    const anew = await run("backtest", "--model=plan", "--csv=plan.csv", ...refit);
    expect(anew).toMatchObject({ code: 0, stderr: "" });
    expect(anew.stdout).toMatch(/^ +rows ahead +RMSE +MAE +in 80 %\n +1 +[\d.]+ +[\d.]+ +[\d.]+ %$/m);
    const scores = readFileSync(at("scores.csv"), "utf8").trim().split("\n");
    expect(scores[0]).toBe("step,id,rows,rmse,mae,mape,smape,mase,coverage 0.8,width 0.8,pinball");
    expect(scores.map((line) => line.split(",").slice(0, 3).join(","))).toEqual([
      "step,id,rows",
      ",,9",
      "1,,3",
      "2,,3",
      "3,,3",
      ",coffee,3",
      ",tea,3",
      ",milk,3",
    ]);
  });

  test("are forecast only as far as their promotions are planned, and resume exactly", async () => {
    const { code, stderr } = await run("forecast", "--model=plan", "--csv=unplanned.csv");
    expect(code).toBe(1);
    expect(stderr).toContain(
      'the series "coffee": to forecast 3 rows, "promotion" must be known in advance, but rows 2024-02-01 to 2024-03-01 ' +
        'are missing: append them, without a value of "sales"',
    );
    expect((await run("forecast", "--model=plan", "--csv=unplanned.csv", "--horizon=1")).code).toBe(0);
    const brief = ["--csv=plan.csv", ...plan, ...columns, "--epochs=2", "--quiet"];
    for (const out of ["whole", "parts"]) await run("train", ...brief, `--out=${out}`);
    await run("train", "--resume=whole", "--epochs=4", "--quiet");
    await run("train", "--resume=parts", "--epochs=3", "--quiet");
    await run("train", "--resume=parts", "--epochs=4", "--quiet");
    expect(readFileSync(at("parts")).equals(readFileSync(at("whole")))).toBe(true);
  });

  test("are forecast without a product that has ended", async () => {
    const lines = readFileSync(at("plan.csv"), "utf8").trim().split("\n");
    const ended = lines.filter((line) => !line.includes(",tea,") || line.split(",")[1]! <= "2022-07-01");
    writeFileSync(at("ended.csv"), ended.join("\n"));
    const { code, stdout, stderr } = await run("forecast", "--model=plan", "--csv=ended.csv", "--plot=ended.svg");
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Left out the series "tea": it ended at 2022-07-01, before others, and has no rows to come\n',
    });
    expect(
      stdout
        .trim()
        .split("\n")
        .slice(1)
        .map((row) => row.split(",")[0]),
    ).toEqual(["coffee", "milk"].flatMap((id) => new Array(3).fill(id)));
    const alone = lines.filter((line, i) => i === 0 || (line.includes(",tea,") && !line.endsWith(",")));
    writeFileSync(at("alone.csv"), alone.join("\n"));
    const refused = await run("forecast", "--model=plan", "--csv=alone.csv");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('"promotion" must be known in advance') });
  });

  test("may mark promotions alone, if empty cells are said to be 0", async () => {
    writeFileSync(at("marked.csv"), readFileSync(at("plan.csv"), "utf8").replaceAll(",False,", ",,"));
    const args = ["--csv=marked.csv", ...plan, "--known-future=promotion", "--epochs=1", "--quiet"];
    const refused = await run("train", ...args, "--missing=drop");
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /line 50, column "promotion": .* read as rows to come: complete them; if they stand for 0, set --missing-as-zero promotion\n$/,
      ),
    });
    const trained = await run("train", ...args, "--missing-as-zero=promotion", "--out=marked");
    expect(trained).toMatchObject({ code: 0, stderr: "" });
    const future = await run("forecast", "--model=marked", "--csv=marked.csv");
    expect(future).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Table: read \d+ missing values as 0\n$/) });
    const whole = await run("forecast", "--model=marked", "--csv=plan.csv");
    expect(whole).toEqual({ ...future, stderr: "" });
  });

  test("need dates for a calendar, and columns that are there", async () => {
    const calendar = await run("train", "--csv=plan.csv", ...plan, "--calendar", "--no-date", "--missing=drop");
    expect(calendar).toMatchObject({ code: 1, stderr: expect.stringMatching(/calendar: .*no equally spaced dates/) });
    const missing = await run("train", "--csv=plan.csv", ...plan, "--known-future=discount");
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('no column "discount"') });
    const hand = await run("train", "--csv=plan.csv", "--target=sales", "--no-auto", "--static=kind");
    expect(hand).toMatchObject({ code: 2, stderr: expect.stringContaining("--static cannot be combined") });
  });
});

test("series of a .tsf file", async () => {
  const lines = [1, 10, 100].map((size, i) => {
    const values = Array.from({ length: 20 }, (_, year) => size * (50 + (2 + i) * year));
    return `T${i}:1990-01-01 00-00-00:${values.join(",")}`;
  });
  const head =
    "@relation shop\n@attribute series_name string\n@attribute start_timestamp date\n@frequency yearly\n@data";
  writeFileSync(at("shop.tsf"), `${head}\n${lines.join("\n")}\n`);
  const { code, stdout } = await run(
    "train",
    "--tsf=shop.tsf",
    "--horizon=2",
    "--test-rows=4",
    ...brief,
    "--out=tsf",
    "--quiet",
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^value, 2 rows ahead, on the 12 held-out rows of 3 series:/);
  const future = await run("forecast", "--model=tsf", "--tsf=shop.tsf");
  expect(future.stdout).toMatch(/^id,date,value\nT0,2010,[\d.]+\nT0,2011,[\d.]+\nT1,2010/);
  expect((await run("train", "--resume=tsf", "--epochs=21", "--quiet")).code).toBe(0);
  expect(await run("train", "--tsf=shop.tsf", "--target=sales")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no column "sales": the only one of a .tsf file is "value"'),
  });
  expect((await run("train", "--tsf=shop.tsf", "--csv=shop.csv")).code).toBe(2);
  const forModel = ["forecast", "backtest", "detect"].map((command): [string, ...string[]] => [command, "--model=tsf"]);
  for (const command of [["train"] as [string], ...forModel])
    for (const flag of ["--date=day", "--no-date", "--no-header", "--delimiter=;"])
      expect(await run(...command, "--tsf=shop.tsf", flag)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^lstm-wasm.*: --[a-z-]+ cannot be combined with --tsf, whose file says itself/),
      });
});

describe("a single series", () => {
  const one = ["--csv=one.csv", "--target=sales", "--season=12", "--test-rows=12", "--hidden-size=8"];

  test("says from which date on rows are held out", async () => {
    const { stdout } = await run("train", ...one, "--epochs=10", "--quiet", "--out=one");
    expect(stdout).toMatch(/^sales, one step ahead, on the 12 held-out rows \(from 2023-01-01 on\):\n/);
    const { stdout: shown } = await inspect("one");
    expect(shown).toMatch(/^Forecaster: {2}sales, 1 row ahead, from 12 rows of changes from season to season/m);
    expect(JSON.parse((await inspect("one", "--json")).stdout)).toMatchObject({
      forecaster: { target: "sales" },
    });
  });

  test("resumes exactly, and finds its file by itself", async () => {
    await run("train", ...one, "--epochs=6", "--quiet", "--out=whole");
    await run("train", ...one, "--epochs=6", "--quiet", "--out=broken");
    await run("train", "--resume=whole", "--epochs=9", "--quiet");
    await run("train", "--resume=broken", "--epochs=7", "--quiet");
    await run("train", "--resume=broken", "--epochs=9", "--quiet");
    expect(readFileSync(at("broken")).equals(readFileSync(at("whole")))).toBe(true);
    const other = await run("train", "--resume=broken", "--season=4");
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--season cannot be combined with --resume"),
    });
  });

  test("is trained further on newer rows, as it was represented", async () => {
    const rows = readFileSync(at("one.csv"), "utf8").trim().split("\n");
    writeFileSync(at("older.csv"), rows.slice(0, 37).join("\n"));
    const older = ["--csv=older.csv", "--target=sales", "--season=12", "--test-rows=4", "--hidden-size=8", "--quiet"];
    await run("train", ...older, "--epochs=6", "--out=older");
    const newer = ["--init-from=older", "--csv=one.csv", "--quiet", "--out=newer"];
    const { code, stderr, stdout } = await run("train", ...newer);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/on the 4 held-out rows \(from 2023-09-01 on\)/);
    const forecasterLine = /Forecaster: .*/;
    const before = (await inspect("older")).stdout;
    const after = (await inspect("newer")).stdout;
    expect(after).toContain(before.match(forecasterLine)![0]);
    expect(after).toMatch(/epoch 6 of 6/);
    expect(await run("forecast", "--model=newer", "--csv=one.csv")).toMatchObject({ code: 0 });
    // Newer rows have taught it something.
    const errorOf = async (name: string) => {
      const ended = await run("backtest", `--model=${name}`, "--csv=one.csv", "--from=44", "--json");
      return (JSON.parse(ended.stdout) as { rmse: number }).rmse;
    };
    expect(await errorOf("newer")).not.toBe(await errorOf("older"));
    const settled = await run("train", ...newer, "--horizon=3");
    expect(settled).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--horizon cannot be combined with --init-from, which keeps the checkpoint's"),
    });
    const none = await run("train", ...newer, "--test-rows=0", "--test-fraction=0");
    expect(none).toMatchObject({ code: 0, stderr: "" });
  });

  test("has quantiles, which are drawn as a fan", async () => {
    const args = [...one, "--epochs=10", "--horizon=3", "--quantiles=0.1,0.25,0.75,0.9"];
    const { stdout } = await run("train", ...args, "--quiet", "--out=fan");
    expect(stdout).toMatch(/^ {2}80 % intervals cover [\d.]+ % of the rows, and are [\d.]+ wide$/m);
    const table = await run("forecast", "--model=fan", "--csv=one.csv", "--plot=fan.svg");
    const [head, ...rows] = table.stdout.trim().split("\n");
    expect(head).toBe("date,sales,sales 0.1,sales 0.25,sales 0.75,sales 0.9");
    const bounds = rows.map((row) => row.split(",").slice(2).map(Number));
    for (const of of bounds) expect(of).toEqual([...of].sort((a, b) => a - b));
    expect(readFileSync(at("fan.svg"), "utf8").match(/<polygon/g)).toHaveLength(2);
    const json = JSON.parse((await run("forecast", "--model=fan", "--csv=one.csv", "--json")).stdout) as {
      rows: { quantiles: Record<string, number> }[];
    };
    expect(json.rows.map(({ quantiles }) => Object.values(quantiles))).toEqual(bounds);
    expect(await run("train", ...one, "--quantiles=0.9,x")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--quantiles: expected"),
    });
  });

  test("shows the rows outside its intervals", async () => {
    const rows = readFileSync(at("one.csv"), "utf8").replace(/^2023-06-01,.*$/m, "2023-06-01,500");
    writeFileSync(at("odd.csv"), rows);
    const { stdout, code } = await run("detect", "--model=fan", "--csv=odd.csv");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^date,value,low,high,score\n/);
    expect(stdout).toMatch(/^2023-06-01,500,[\d.]+,[\d.]+,\d+(\.\d+)?$/m);
    const json = JSON.parse((await run("detect", "--model=fan", "--csv=odd.csv", "--from=41", "--json")).stdout) as {
      outside: object[];
    };
    expect(json.outside[0]).toMatchObject({ row: 41, date: "2023-06-01", value: 500 });
    expect(await run("detect", "--model=one", "--csv=odd.csv")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("train it with two --quantiles at least"),
    });
  });

  test("that a naive forecast knows better is told so in words", async () => {
    const ramp = Array.from({ length: 60 }, (_, row) => (row < 48 ? row % 2 : row)).join("\n");
    writeFileSync(at("bent.csv"), `y\n${ramp}\n`);
    const { stdout } = await run("train", "--csv=bent.csv", "--target=y", "--test-rows=12", "--epochs=2", "--quiet");
    expect(stdout).toMatch(/^Note: the .* forecast is better here: trust it .*set --season if there are seasons/m);
  });

  const refusals: [what: string, args: string[], code: number, message: RegExp][] = [
    ["no target", ["--csv=one.csv"], 2, /--csv needs --target NAME/],
    ["a horizon by hand", ["--csv=one.csv", "--target=sales", "--no-auto", "--horizon=2"], 2, /--horizon cannot/],
    ["a horizon of a text", ["--horizon=2"], 2, /--horizon needs --csv FILE/],
    ["another loss", [...one, "--loss=cross-entropy"], 2, /--loss: expected mse, huber or pinball/],
    ["a long season", ["--csv=one.csv", "--target=sales", "--season=40"], 2, /--season: expected at most 38/],
  ];
  test.each(refusals)("with %s is refused", async (_, args, code, message) => {
    const result = await run("train", ...args);
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
  });
});
