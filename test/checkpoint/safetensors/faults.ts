// Safetensors files that are none: what is wrong, the file, and what is said of it.

/** A file of this header, as text or bytes, and this many bytes of data. */
function file(header: string | number[], dataLength = 0): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataLength);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  return bytes;
}

/** A file whose length field says something else. */
function lengthened(length: bigint): Uint8Array {
  const bytes = file("{}      ");
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
}

/** One tensor `w`: its members as JSON, and the bytes of data in the file. */
const tensor = (members: string, dataLength = 8) => file(`{"w":{${members}}}`, dataLength);
const two = (first: string, second: string, dataLength: number) =>
  file(
    `{"a":{"dtype":"U8","shape":[2],"data_offsets":${first}},"b":{"dtype":"U8","shape":[2],"data_offsets":${second}}}`,
    dataLength,
  );
const shaped = (shape: string) => tensor(`"dtype":"F32","shape":${shape},"data_offsets":[0,8]`);
const placed = (offsets: string) => tensor(`"dtype":"F32","shape":[2],"data_offsets":${offsets}`);
const digits = "expected an integer from 0 to 2^53 - 1 in plain digits, got";

/** What is wrong, the file, and what the error says. */
export const FAULTS: readonly (readonly [what: string, bytes: Uint8Array, message: string])[] = [
  ["no bytes", new Uint8Array(0), "file: expected at least 8 bytes, got 0"],
  ["seven bytes", new Uint8Array(7), "file: expected at least 8 bytes, got 7"],
  ["no header", new Uint8Array(8), 'header: expected a "{" first, got nothing'],
  ["a header longer than the file", lengthened(9n), "header length: expected at most 8 bytes, got 9"],
  ["a huge header", lengthened(2n ** 64n - 1n), "header length: expected at most 8 bytes, got 18446744073709552000"],
  ["a header cut short", lengthened(1n), "header: expected a string, got the end"],
  ["spaces before the header", file(" {}"), 'header: expected a "{" first, got byte 32'],
  ["a mark of byte order", file("\ufeff{}"), 'header: expected a "{" first, got byte 239'],
  ["what is not UTF-8", file([0x7b, 0x22, 0xff, 0x22, 0x7d]), "header: expected UTF-8, got other bytes"],
  ["half a surrogate pair in UTF-8", file([0x7b, 0x22, 0xed, 0xa0, 0x80]), "header: expected UTF-8"],

  [
    "a hundred thousand keys and one more",
    file(`{"__metadata__":{${Array.from({ length: 100_001 }, (_, i) => `"${i}":""`).join()}}}`),
    "header.__metadata__: expected at most 100000 members, got more",
  ],

  ["an array", file("[]"), 'header: expected a "{" first'],
  ["a key without quotes", file("{a:1}"), 'header: expected a string, got "a:1}" at character 1'],
  ["a comma at the end", file('{"__metadata__":{},}'), 'header: expected a string, got "}"'],
  ["no comma", file('{"__metadata__":{}"a":1}'), 'header: expected "," or "}", got "\\"a\\":1}" at character 18'],
  ["no colon", file('{"a"}'), 'header: expected ":", got "}"'],
  ["a second header", file("{}{}"), 'header: expected nothing but spaces to the end, got "{}" at character 2'],
  ["a line feed after the header", file("{}\n"), 'header: expected nothing but spaces to the end, got "\\n"'],
  ["a zero after the header", file("{}\0"), 'header: expected nothing but spaces to the end, got "\\u0000"'],
  ["a string without an end", file('{"a'), "header: expected the rest of a string, got the end"],
  ["a backslash at the end", file('{"a\\'), "header: expected the rest of a string, got the end"],
  ["a control character", file('{"a\n":1}'), 'header: expected a string of well-formed Unicode, got "\\"a\\n\\""'],
  ["an unknown escape", file('{"\\x":1}'), "header: expected a string of well-formed Unicode"],
  ["a broken escape", file('{"\\u00g0":1}'), "header: expected a string of well-formed Unicode"],
  ["a lone surrogate", file('{"\\ud83d":1}'), "header: expected a string of well-formed Unicode"],
  ["surrogates the wrong way round", file('{"\\ude00\\ud83d":1}'), "header: expected a string of well-formed Unicode"],

  [
    "a tensor twice",
    file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":0}'),
    'header: expected every key once, got "a" again',
  ],
  ["metadata twice", file('{"__metadata__":{},"__metadata__":{}}'), 'got "__metadata__" again'],
  [
    "a key of the metadata twice",
    file('{"__metadata__":{"k":"","k":""}}'),
    'header.__metadata__: expected every key once, got "k" again',
  ],
  ["a member twice", tensor('"dtype":"U8","dtype":"U8"'), 'header.w: expected every key once, got "dtype" again'],
  ["metadata that is null", file('{"__metadata__":null}'), 'header.__metadata__: expected "{", got "null}"'],
  ["a number in the metadata", file('{"__metadata__":{"k":1}}'), 'header.__metadata__.k: expected a string, got "1}}"'],
  [
    "an object in the metadata",
    file('{"__metadata__":{"a b":{}}}'),
    'header.__metadata__["a b"]: expected a string, got "{}}}"',
  ],
  [
    "deep objects",
    file('{"a":'.repeat(100_000)),
    'header.a.a: expected no key but "dtype", "shape" and "data_offsets", got this one',
  ],
  ["deep arrays", shaped("[".repeat(100_000)), 'header.w.shape[0]: expected an integer, got "[[[['],

  ["a tensor that is no object", file('{"w":[]}'), 'header.w: expected "{", got "[]}"'],
  [
    "an unknown member",
    tensor('"__proto__":0'),
    'header.w.__proto__: expected no key but "dtype", "shape" and "data_offsets"',
  ],
  ["no dtype", tensor('"shape":[2],"data_offsets":[0,8]'), "header.w.dtype: expected a string, got nothing"],
  [
    "no shape",
    tensor('"dtype":"F32","data_offsets":[0,8]'),
    "header.w.shape: expected an array of integers, got nothing",
  ],
  ["no offsets", tensor('"dtype":"F32","shape":[2]'), "header.w.data_offsets: expected 2 integers, got 0"],
  ["a dtype that is no string", tensor('"dtype":32'), "header.w.dtype: expected a string, got"],
  [
    "an unknown dtype",
    tensor('"dtype":"C64","shape":[1],"data_offsets":[0,8]'),
    'header.w.dtype: expected one of U64, I64, F64, F32, U32, I32, BF16, F16, U16, I16, I8, U8, BOOL, got "C64"',
  ],
  ["an inherited dtype", tensor('"dtype":"toString","shape":[1],"data_offsets":[0,8]'), 'got "toString"'],

  ["a negative dimension", shaped("[-2]"), `header.w.shape[0]: ${digits} "-2"`],
  ["minus zero", shaped("[2,-0]"), `header.w.shape[1]: ${digits} "-0"`],
  ["a fraction", shaped("[2.0]"), `header.w.shape[0]: ${digits} "2.0"`],
  ["an exponent", shaped("[2e0]"), `header.w.shape[0]: ${digits} "2e0"`],
  ["a leading zero", shaped("[02]"), `header.w.shape[0]: ${digits} "02"`],
  ["an unsafe integer", shaped("[9007199254740992]"), `header.w.shape[0]: ${digits} "9007199254740992"`],
  ["endless digits", shaped(`[${"1".repeat(1e6)}]`), `header.w.shape[0]: ${digits} "${"1".repeat(60)}"…`],
  ["a string as a dimension", shaped('["2"]'), "header.w.shape[0]: expected an integer, got"],
  ["a number as a shape", shaped("2"), 'header.w.shape: expected "[", got'],
  ["an unclosed shape", shaped("[2}"), 'header.w.shape: expected "," or "]", got'],
  ["too many dimensions", shaped(`[2${",1".repeat(64)}]`), "header.w.shape: expected at most 64 numbers, got more"],
  [
    "a product that overflows",
    shaped("[4294967296,4294967296,0]"),
    "header.w.shape: expected less than 2^53 bytes, got F32 [4294967296,4294967296,0]",
  ],
  ["a shape of another size", shaped("[3]"), "header.w.data_offsets: expected 12 bytes for F32 [3], got 8 bytes"],

  ["one offset", placed("[8]"), "header.w.data_offsets: expected 2 integers, got 1"],
  ["three offsets", placed("[0,8,8]"), "header.w.data_offsets: expected at most 2 numbers, got more"],
  ["a negative offset", placed("[-8,0]"), `header.w.data_offsets[0]: ${digits} "-8"`],
  ["begin after end", placed("[8,0]"), "header.w.data_offsets: expected 8 bytes for F32 [2], got -8 bytes"],
  [
    "an end beyond the data",
    placed("[8,16]"),
    "header.w.data_offsets: expected an end within the 8 bytes of data, got 16",
  ],
  [
    "data that begins late",
    two("[1,3]", "[3,5]", 5),
    "header.a.data_offsets: expected begin 0 (no holes, no overlaps), got 1",
  ],
  ["an overlap", two("[0,2]", "[1,3]", 3), "header.b.data_offsets: expected begin 2 (no holes, no overlaps), got 1"],
  ["the same bytes twice", two("[0,2]", "[0,2]", 2), "header.b.data_offsets: expected begin 2"],
  ["a hole", two("[3,5]", "[0,2]", 5), "header.a.data_offsets: expected begin 2 (no holes, no overlaps), got 3"],
  ["bytes after the data", two("[0,2]", "[2,4]", 5), "data: expected 4 bytes by the header, got 5"],
  ["data without tensors", file("{}", 1), "data: expected 0 bytes by the header, got 1"],
];
