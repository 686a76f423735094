// A thread that computes batches of steps: a stream whose rows are other sessions each time.
import { parentPort, workerData } from "node:worker_threads";
import { load } from "lstm-wasm";
import { createStream } from "lstm-wasm/stream";
import { Desk } from "./desk.mjs";

const { bytes, sizes, memory } = workerData;
const desk = new Desk(sizes, memory);
const stream = createStream(await load(bytes), { batch: sizes.rows });
const all = Int32Array.from({ length: sizes.rows }, (_, row) => row);

/** Steps adjacent rows of the desk. */
function step(first, count) {
  const rows = all.subarray(first, first + count);
  for (const row of rows) stream.restore(desk.before(row), row);
  const outputs = stream.step(desk.inputs(first, count), rows);
  for (const row of rows) desk.finish(row, outputs[row], stream.snapshot(row));
}

/** Steps each row by itself. Returns the errors of those that have one. */
function stepApart(count) {
  const errors = [];
  for (let row = 0; row < count; row++)
    try {
      step(row, 1);
    } catch ({ name, message }) {
      errors.push({ row, name, message });
    }
  return errors;
}

parentPort.on("message", (count) => {
  let errors = [];
  try {
    step(0, count);
  } catch {
    errors = stepApart(count);
  }
  parentPort.postMessage({ errors });
});
parentPort.postMessage({ isReady: true });
