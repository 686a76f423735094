import { describe, expect, test } from "vitest";
import { CheckpointError, read, type TensorData, write } from "../../internals/checkpoint.js";
import { LstmError } from "../../internals/common.js";
import { FAULTS } from "./faults.js";

const U8 = (...values: number[]): TensorData => ({
  dtype: "U8",
  shape: [values.length],
  data: Uint8Array.from(values),
});

describe("rejects", () => {
  test.each(FAULTS)("%s", (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(CheckpointError);
    expect(() => read(bytes)).toThrow(message);
  });

  test("a file truncated anywhere", () => {
    const bytes = write(new Map([["w", U8(1, 2, 3)]]), new Map([["k", "v"]]));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => read(bytes.subarray(0, length)), `${length} bytes`).toThrow(CheckpointError);
    }
  });

  test("a header beyond the format's limit, though the file is as long", () => {
    const bytes = new Uint8Array(8 + 100_000_001);
    new DataView(bytes.buffer).setUint32(0, 100_000_001, true);
    expect(() => read(bytes)).toThrow("header length: expected at most 100000000 bytes, got 100000001");
  });

  test("with an error that programs can recognize", () => {
    const error = new CheckpointError(["header", "a", 3, "b.c"], "this", "that");
    expect(error).toBeInstanceOf(LstmError);
    expect(error).toMatchObject({ name: "CheckpointError", where: 'header.a[3]["b.c"]' });
  });
});

describe("not written:", () => {
  test.each<[string, Map<string, TensorData>, Map<string, string>, string]>([
    [
      "data of another size",
      new Map([["w", { ...U8(1, 2), shape: [3] }]]),
      new Map(),
      "header.w.shape: expected 2 bytes of U8, got [3]",
    ],
    ["a negative dimension", new Map([["w", { ...U8(1, 2), shape: [-1, -2] }]]), new Map(), "header.w.shape"],
    ["a broken dimension", new Map([["w", { ...U8(1, 2), shape: [0.5, 4] }]]), new Map(), "header.w.shape"],
    ["too many dimensions", new Map([["w", { ...U8(1), shape: new Array(65).fill(1) }]]), new Map(), "header.w.shape"],
    [
      "a tensor with the metadata's name",
      new Map([["__metadata__", U8(1)]]),
      new Map(),
      "header: expected no tensor named __metadata__",
    ],
    [
      "half a character in a name",
      new Map([["\ud83d", U8(1)]]),
      new Map(),
      'header["\\ud83d"]: expected well-formed Unicode',
    ],
    [
      "half a character in a value",
      new Map(),
      new Map([["k", "\ude00"]]),
      'header.__metadata__: expected well-formed Unicode (no lone surrogate), got "\\ude00"',
    ],
  ])("%s", (_, tensors, metadata, message) => {
    expect(() => write(tensors, metadata)).toThrow(CheckpointError);
    expect(() => write(tensors, metadata)).toThrow(message);
  });
});
