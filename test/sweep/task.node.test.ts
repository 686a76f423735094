import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readResult, readTask, type Task } from "../internals/sweep.js";
import { ROOT } from "../root.js";

const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
const task: Task = {
  version,
  sweep: "01234567-89ab-cdef-0123-456789abcdef",
  trial: 3,
  rung: 0,
  values: { dropout: 0.5 },
  epochs: 4,
  train: ["--preset", "hamlet", "--validation-fraction", "0.2"],
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
])("a worker refuses a job with %s", async (_, change, why) => {
  await expect(readTask({ ...task, ...change } as unknown as Task)).rejects.toThrow(why);
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
])("a sweep refuses the result %j", (result) => {
  expect(() => readResult(result)).toThrow("that no worker has made");
});
