import { describe, expect, test } from "vitest";
import { fixture } from "../../bytes.js";
import { read, type TensorData, toFloat32, write } from "../../internals/checkpoint.js";

const U8 = (...values: number[]): TensorData => ({
  dtype: "U8",
  shape: [values.length],
  data: Uint8Array.from(values),
});

/** A file of this header, as text or bytes, and this many bytes of data. */
function file(header: string | number[], dataLength = 0): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataLength);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  return bytes;
}

const headerOf = (bytes: Uint8Array) =>
  new TextDecoder().decode(bytes.subarray(8, 8 + new DataView(bytes.buffer).getUint32(0, true)));

describe("a round trip", () => {
  const tensors = new Map<string, TensorData>([
    ["lstm.weight_ih_l0", { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, -0, Number.NaN, Math.PI) }],
    ["scalar", { dtype: "F64", shape: [], data: Float64Array.of(Math.PI) }],
    ["empty", { dtype: "I32", shape: [3, 0], data: new Int32Array(0) }],
    ["state", { dtype: "U32", shape: [2], data: Uint32Array.of(0, 2 ** 32 - 1) }],
    ["position", { dtype: "I64", shape: [1], data: BigInt64Array.of(-1n) }],
    ...["", "__proto__", "constructor", "0", '\u0000"\\\n\u2028é😀'].map((name): [string, TensorData] => [name, U8(7)]),
  ]);
  const metadata = new Map([
    ["__proto__", "{}"],
    ["__metadata__", ""],
    ["1", "\u0000\t😀"],
    ["", "é"],
  ]);

  test("returns every tensor and all metadata", () => {
    const back = read(write(tensors, metadata));
    expect(new Map(back.tensors)).toEqual(tensors);
    expect(new Map(back.metadata)).toEqual(metadata);
  });

  test("of no tensors gives a valid file", () => {
    expect(read(write(new Map()))).toEqual({ tensors: new Map(), metadata: new Map() });
  });

  test("gives the same bytes for contents in any order", () => {
    const reversed = write(new Map([...tensors].reverse()), new Map([...metadata].reverse()));
    expect(reversed).toEqual(write(tensors, metadata));
  });

  test("orders tensors by element size, then name, and aligns all of them", () => {
    const bytes = write(tensors, metadata);
    expect([...read(bytes).tensors.keys()].slice(0, 6)).toEqual([
      "position",
      "scalar",
      "lstm.weight_ih_l0",
      "state",
      "empty",
      "",
    ]);
    for (const { data } of read(bytes).tensors.values()) expect(data.buffer).toBe(bytes.buffer);
  });

  test("writes only its part of a larger array", () => {
    const part = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    expect(
      read(write(new Map([["part", { dtype: "F32", shape: [2], data: part }]]))).tensors.get("part")?.data,
    ).toEqual(Float32Array.of(2, 3));
  });

  test.each([0, 1, 4, 8])("reads a file that begins at byte %i of its memory, as a Node Buffer does", (offset) => {
    const bytes = write(tensors, metadata);
    const memory = new ArrayBuffer(bytes.length + 8);
    const at = [memory, offset, bytes.length] as const;
    const moved = typeof Buffer === "undefined" ? new Uint8Array(...at) : Buffer.from(...at);
    moved.set(bytes);
    expect(new Map(read(moved).tensors)).toEqual(tensors);
  });

  test("reads shared memory", () => {
    const bytes = write(tensors, metadata);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    expect(new Map(read(shared).tensors)).toEqual(tensors);
  });
});

describe("a foreign file", () => {
  test.each([0, 1, 2, 3])("may be unaligned, spaced and in any order (%i)", (padding) => {
    const header =
      '{ "b" :\r\n{"shape":[1], "data_offsets":[1,5],\t"dtype":"F32"},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}} ';
    const bytes = file(header + " ".repeat(padding), 5);
    bytes.set([9, 0, 0, 0x80, 0x3f], bytes.length - 5);
    expect(new Map(read(bytes).tensors)).toEqual(
      new Map<string, TensorData>([
        ["b", { dtype: "F32", shape: [1], data: Float32Array.of(1) }],
        ["a", { dtype: "U8", shape: [], data: Uint8Array.of(9) }],
      ]),
    );
  });

  test("may escape any character in strings", () => {
    const escaped = '{"__metadata__":{"\\u0061\\/\\b\\f\\n\\r\\t\\"\\\\":"\\ud83d\\uDE00"}}';
    expect([...read(file(escaped)).metadata]).toEqual([['a/\b\f\n\r\t"\\', "😀"]]);
  });

  describe("of Hugging Face's writer", async () => {
    const bytes = await fixture("foreign.safetensors");
    const { tensors, metadata } = read(bytes);

    test.each<[string, TensorData]>([
      ["double", { dtype: "F64", shape: [], data: Float64Array.of(0.1) }],
      ["int64", { dtype: "I64", shape: [2], data: BigInt64Array.of(-1n, 2n ** 62n) }],
      ["uint64", { dtype: "U64", shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) }],
      ["int32", { dtype: "I32", shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) }],
      ["uint32", { dtype: "U32", shape: [1], data: Uint32Array.of(2 ** 32 - 1) }],
      ["int16", { dtype: "I16", shape: [1], data: Int16Array.of(-2) }],
      ["uint16", { dtype: "U16", shape: [1], data: Uint16Array.of(65535) }],
      ["int8", { dtype: "I8", shape: [1], data: Int8Array.of(-3) }],
      ["uint8", U8(1, 2, 255)],
      ["bool", { dtype: "BOOL", shape: [2], data: Uint8Array.of(1, 0) }],
      ["empty", { dtype: "F32", shape: [0, 4], data: new Float32Array(0) }],
      ["__proto__", U8(7)],
      ['né "quoted" \\ \n\u0001😀', U8(8)],
    ])("%s", (name, expected) => {
      expect(tensors.get(name)).toEqual(expected);
    });

    test.each<[string, number[], number[]]>([
      ["lstm.weight_ih_l0", [2, 3], [0, 0.5, -1.25, 3, 2 ** -149, Number.NEGATIVE_INFINITY]],
      ["double", [], [Math.fround(0.1)]],
      ["half", [8], [1, -2, 65504, 2 ** -14, 1023 / 2 ** 24, 2 ** -24, -0, Number.POSITIVE_INFINITY]],
      ["brain", [4], [1, -2, 3.140625, Number.POSITIVE_INFINITY]],
    ])("%s as float32", (name, shape, values) => {
      const tensor = tensors.get(name)!;
      expect(tensor.shape).toEqual(shape);
      expect(toFloat32(tensor, name)).toEqual(Float32Array.from(values));
    });

    test("metadata", () => {
      expect([...metadata]).toEqual([["constructor", "a\tb \u007f\u2028😀"]]);
    });

    test("is rewritten with the same bytes", () => {
      expect(tensors.size).toBe(16);
      expect(write(tensors, metadata)).toEqual(bytes);
    });
  });
});

test("NaN stays NaN as float32", () => {
  const half: TensorData = { dtype: "F16", shape: [1], data: Uint16Array.of(0x7e00) };
  const brain: TensorData = { dtype: "BF16", shape: [1], data: Uint16Array.of(0x7fc0) };
  for (const tensor of [half, brain]) expect(toFloat32(tensor, "x")).toEqual(Float32Array.of(Number.NaN));
});

test("integers are not converted to float32", () => {
  expect(() => toFloat32(U8(1), "a.b")).toThrow('header["a.b"].dtype: expected F32, F64, F16 or BF16, got U8');
});

test("the header is padded with spaces to a multiple of 8 bytes", () => {
  expect(headerOf(write(new Map([["w", U8(1)]]), new Map([["k", "v"]])))).toBe(
    '{"__metadata__":{"k":"v"},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}  ',
  );
});
