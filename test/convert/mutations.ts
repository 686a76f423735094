import { below, changeJson, join, mutateBlindly, pick } from "../checkpoint/mutate.js";
import type { Random } from "../internals/common.js";

// Faults that know a format, and so get past its first checks: the file stays one of its kind, and says something else.

/** A copy with one to three faults of one kind. */
const some =
  (mutation: (bytes: Uint8Array, random: Random) => Uint8Array) =>
  (file: Uint8Array, random: Random): Uint8Array => {
    let bytes: Uint8Array = new Uint8Array(file);
    for (let faults = 1 + below(random, 3); faults > 0; faults--) bytes = mutation(bytes, random);
    return bytes;
  };

/** Tokens of JSON swapped, repeated, removed, nested and made extreme. */
export const mutateJson = some((bytes, random) =>
  new TextEncoder().encode(changeJson(new TextDecoder().decode(bytes), random)),
);

const EDGES = [0n, 1n, 2n, 3n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn];
const LARGE_EDGES = [...EDGES, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];

/** Numbers of one to eight bytes, as containers have them, replaced by extreme ones or by one next to them. */
export const mutateNumbers = some((bytes, random) => {
  const size = 2 ** below(random, 4);
  if (bytes.length < size) return bytes;
  // Most are aligned, and those that matter are among the others' many bytes.
  const at =
    random.next() % 2 ? below(random, bytes.length - size + 1) : size * below(random, Math.floor(bytes.length / size));
  let value = 0n;
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i]!);
  value = pick(random, [value - 1n, value + 1n, value * 2n, BigInt(bytes.length), pick(random, LARGE_EDGES)]);
  for (let i = 0; i < size; i++) bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  return bytes;
});

/** A field of a protocol buffer's message. */
interface Field {
  readonly number: number;
  readonly wire: number;
  readonly content: Uint8Array | bigint;
}

const VARINT = 0n;
const BYTES = 2;

/** Fields of ONNX's messages removed, repeated, moved, renumbered and changed, at any depth; lengths follow. */
export const mutateProtobuf = some(mutateMessage);

function mutateMessage(bytes: Uint8Array, random: Random): Uint8Array {
  const fields = fieldsOf(bytes);
  if (!fields || fields.length === 0) return mutateBlindly(bytes, random);
  const i = below(random, fields.length);
  const field = fields[i]!;
  // Mostly within: there is little at the top.
  if (field.content instanceof Uint8Array && field.wire === BYTES && random.next() % 8) {
    fields[i] = { ...field, content: mutateMessage(field.content, random) };
    return messageOf(fields);
  }
  const j = below(random, fields.length);
  const number = pick(random, [field.number + 1, fields[j]!.number, 1 + below(random, 30)]);
  pick(random, [
    () => fields.splice(i, 1),
    () => fields.splice(j, 0, field),
    () => fields.splice(j, 0, ...fields.splice(i, 1)),
    () => fields.splice(i, 1, { ...field, number }),
    () => fields.splice(i, 1, { number, wire: Number(VARINT), content: pick(random, LARGE_EDGES) }),
    () =>
      fields.splice(i, 1, {
        ...field,
        content: typeof field.content === "bigint" ? pick(random, LARGE_EDGES) : new Uint8Array(below(random, 40)),
      }),
    () => fields.splice(i, 1, { number: field.number, wire: BYTES, content: messageOf(fields) }),
  ])();
  return messageOf(fields);
}

/** The fields of bytes that are a message, or undefined. */
function fieldsOf(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === undefined) return undefined;
    const [number, wire] = [Number(tag >> 3n), Number(tag & 7n)];
    if (wire === Number(VARINT)) {
      const value = varint();
      if (value === undefined) return undefined;
      fields.push({ number, wire, content: value });
      continue;
    }
    const length = wire === BYTES ? varint() : wire === 1 ? 8n : wire === 5 ? 4n : undefined;
    if (length === undefined || BigInt(at) + length > BigInt(bytes.length)) return undefined;
    fields.push({ number, wire, content: bytes.slice(at, at + Number(length)) });
    at += Number(length);
  }
  return fields;
}

function messageOf(fields: readonly Field[]): Uint8Array {
  const varint = (value: bigint) => {
    const bytes = [];
    for (; value >= 0x80n; value >>= 7n) bytes.push(Number(value & 0x7fn) | 0x80);
    return Uint8Array.of(...bytes, Number(value));
  };
  return join(
    ...fields.flatMap(({ number, wire, content }) => {
      const tag = varint((BigInt(number) << 3n) | BigInt(wire));
      if (typeof content === "bigint") return [tag, varint(content)];
      return wire === BYTES ? [tag, varint(BigInt(content.length)), content] : [tag, content];
    }),
  );
}

/** Bytes behind an opcode of a pickle; a line's end, or a length of as many bytes, for those that have one. */
const ARGUMENTS: Readonly<Record<string, number | "line" | "lines" | "length1" | "length4">> = {
  "\x80": 1,
  "\x95": 8,
  "\x8c": "length1",
  "\x8a": "length1",
  U: "length1",
  X: "length4",
  T: "length4",
  B: "length4",
  C: "length1",
  c: "lines",
  G: 8,
  J: 4,
  K: 1,
  M: 2,
  h: 1,
  j: 4,
  q: 1,
  r: 4,
};

/** Operations of a pickle removed, repeated, swapped, and their arguments changed. */
export const mutatePickle = some((bytes, random) => {
  const operations = operationsOf(bytes);
  if (operations.length === 0) return bytes;
  const i = below(random, operations.length);
  const j = below(random, operations.length);
  const one = operations[i]!;
  pick(random, [
    () => operations.splice(i, 1),
    () => operations.splice(j, 0, one),
    () => operations.splice(j, 1, operations.splice(i, 1, operations[j]!)[0]!),
    () => operations.splice(i, 1, Uint8Array.of(pick(random, operations)[0]!, ...one.subarray(1))),
    () => {
      const numbers = operations.filter(({ length }) => length === 2 || length === 3 || length === 5);
      const number = numbers.length > 0 ? pick(random, numbers) : one;
      for (let b = 1; b < number.length; b++) number[b] = pick(random, [0, 1, 2, 127, 128, 255]);
    },
  ])();
  return join(...operations);
});

function operationsOf(bytes: Uint8Array): Uint8Array[] {
  const operations = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const argument = ARGUMENTS[String.fromCharCode(bytes[at]!)] ?? 0;
    const from = at + 1;
    let end = from;
    if (typeof argument === "number") end += argument;
    else if (argument === "length1") end += 1 + (bytes[from] ?? 0);
    else if (argument === "length4") end += 4 + (from + 4 <= bytes.length ? view.getUint32(from, true) : 0);
    else
      for (let lines = argument === "line" ? 1 : 2; lines > 0 && end < bytes.length; end++)
        if (bytes[end] === 10) lines--;
    operations.push(bytes.slice(at, Math.min(end, bytes.length)));
    at = end;
  }
  return operations;
}
