import { expect, test } from "vitest";
import { wasStopped } from "../internals/sweep.js";

const silent = { end: undefined, parameters: undefined, error: "" };
const interrupted = { epochs: 3, stopReason: "interrupted", seconds: 1 };

// A trial that was stopped goes on; one that has failed does not.
test.each([
  ["by a signal", { ...silent, code: undefined }, true],
  ["by a second Ctrl-C", { ...silent, code: 130, error: "interrupted" }, true],
  ["by Ctrl-C, with its checkpoint", { ...silent, code: 1, end: interrupted, error: "x" }, true],
  ["by Windows' task manager", { ...silent, code: 1 }, true],
  ["by a console of Windows that was closed: STATUS_CONTROL_C_EXIT", { ...silent, code: 0xc000013a }, true],
  ["on Windows for want of memory", { ...silent, code: 134, error: "JavaScript heap out of memory" }, true],
  ["by an error", { ...silent, code: 1, error: "the text is too short" }, false],
  ["by a wrong flag", { ...silent, code: 2, error: "--hiden-size is no option" }, false],
  ["without a reason", { ...silent, code: 0 }, false],
])("a trial's process that was ended %s", (_, ended, isStopped) => {
  expect(wasStopped(ended)).toBe(isStopped);
});
