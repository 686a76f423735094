import { readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { digestsOf, readResult, readTask, refuseOtherData, type Task, TrainCommand } from "../internals/sweep.js";
import { ROOT } from "../root.js";
import { emptyFolder } from "./sweeps.js";

const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
const task: Task = {
  version,
  sweep: "01234567-89ab-cdef-0123-456789abcdef",
  trial: 3,
  rung: 0,
  values: { dropout: 0.5 },
  epochs: 4,
  train: ["--preset", "hamlet", "--validation-fraction", "0.2"],
  data: {},
};

test("a worker runs what a sweep has put into the queue", async () => {
  const { job, metric, command } = await readTask(task);
  expect({ job, metric }).toEqual({
    job: { trial: 3, rung: 0, values: { dropout: 0.5 }, epochs: 4 },
    metric: "validationLoss",
  });
  expect(command.begin(job.values, job.epochs)).toEqual([
    ...["train", "--threads=1", "--preset=hamlet", "--validation-fraction=0.2", "--dropout=0.5", "--epochs=4"],
  ]);
});

test.each([
  ["another version", { version: "0.0.1" }, "another version of lstm-wasm: 0.0.1"],
  ["a folder elsewhere", { sweep: "../../../../etc/01234567-89ab-cdef-01" }, "that no sweep has made"],
  ["a trial elsewhere", { trial: "../1" }, "that no sweep has made"],
  ["a file that is written", { train: [...task.train, "--out", "/etc/passwd"] }, "--out cannot be combined"],
  ["a log", { train: [...task.train, "--log=/etc/passwd"] }, "--log cannot be combined"],
  ["a library", { train: [...task.train, "--mpi", "--mpi-library", "/tmp/evil.so"] }, "cannot be combined"],
  ["a file among the values", { values: { out: "/etc/passwd" } }, "no option of train that can differ"],
  ["no values", { values: null }, "cannot be run"],
  ["no flags", { train: "--preset" }, "that no sweep has made"],
  ["no word of the data", { data: null }, "that no sweep has made"],
  ["commands for the terminal", { version: "\x1b[2J" }, "\\u001b[2J"],
])("a worker refuses a job with %s", async (_, change, why) => {
  await expect(readTask({ ...task, ...change } as unknown as Task)).rejects.toThrow(why);
});

test("a worker refuses a job that is nothing", async () => {
  await expect(readTask(null as unknown as Task)).rejects.toThrow("another version of lstm-wasm: undefined");
});

test("a worker refuses to train on other data than the sweep has, and says on which", async () => {
  const folder = await emptyFolder();
  const [text, texts] = [join(folder, "text.txt"), join(folder, "texts")];
  await mkdir(texts);
  for (const path of [text, join(texts, "1.txt")]) await writeFile(path, "to be");
  const train = [`--text=${text}`, `--text=${texts}`, "--validation-fraction=0.2"];
  const data = await digestsOf(new TrainCommand(train).dataFiles);
  const read = await readTask({ ...task, train, data });
  await refuseOtherData(read);
  await writeFile(join(texts, "2.txt"), "or not to be");
  await expect(refuseOtherData(read)).rejects.toThrow(/texts is not the one that the sweep has/);
  await rm(join(texts, "2.txt"));
  await refuseOtherData(read);
  await writeFile(text, "to bE");
  await expect(refuseOtherData(read)).rejects.toThrow(/text\.txt is not the one that the sweep has/);
  await rm(text);
  await expect(refuseOtherData(read)).rejects.toThrow(/text\.txt cannot be read: no such file/);
});

test("a sweep takes what a worker has measured", () => {
  const curves = { epochs: [1], train: [3.1], validation: [] };
  const done = { state: "done", metric: 2.5, epochs: 4, trainLoss: 2.4, seconds: 0.1, curves };
  expect(readResult(done)).toEqual(done);
  expect(readResult({ state: "failed", error: "no memory" })).toEqual({ state: "failed", error: "no memory" });
});

test.each([
  undefined,
  null,
  "done",
  { state: "won" },
  { state: "done", metric: "2.5" },
  { state: "done", metric: null },
  { state: "failed", error: { toString: "x" } },
  { state: "done", curves: { epochs: [1], train: ["3"], validation: [] } },
  { state: "done", curves: [] },
  { state: "done", curves: { epochs: [], train: [], validation: [] } },
  { state: "done", curves: { epochs: [1], train: [3], validation: [3, 2] } },
])("a sweep refuses the result %j", (result) => {
  expect(() => readResult(result)).toThrow("that no worker has made");
});
