import type { PbfWriter } from "pbf";
import { ConversionError, saidBy } from "./conversion-error.js";
import { need } from "./packages.js";

// Protocol buffers by tables: the fields of a message are a table, which both reading and writing follow. Tables are nested,
// not recursive, so no file can make the reader go deeper than they do.

/** The kinds of values. */
interface Values {
  /** Signed, exact up to 2⁵³. */
  int: number;
  float: number;
  double: number;
  string: string;
  bytes: Uint8Array;
}

type Kind = keyof Values;

/** The number of a field, and what it holds: a kind of value, or a message. */
export type Field = readonly [number: number, kind: Kind | Fields];

/** The fields of a message, by name. */
export interface Fields {
  readonly [name: string]: Field;
}

/** A message: the values of each field, of which there may be any number. */
export type Message<Table extends Fields> = {
  -readonly [Name in keyof Table]: (Table[Name][1] extends Kind
    ? Values[Table[Name][1]]
    : Table[Name][1] extends Fields
      ? Message<Table[Name][1]>
      : never)[];
};

/** Most values in a file: a value may take a hundred times the memory of its byte. */
const MOST_VALUES = 5_000_000;

// protobuf.dev/programming-guides/encoding
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

const WIRE_TYPES: Readonly<Record<Kind, number>> = {
  int: VARINT,
  float: FIXED32,
  double: FIXED64,
  string: LENGTH,
  bytes: LENGTH,
};

/**
 * Reads a message. Fields that are not in the table are passed over.
 *
 * @throws ConversionError for bytes that are none
 * @throws MissingPackageError without pbf
 */
export async function readMessage<Table extends Fields>(bytes: Uint8Array, table: Table): Promise<Message<Table>> {
  const { PbfReader } = await need("pbf", "reading ONNX", () => import("pbf"));
  const reader = new PbfReader(bytes);
  let values = 0;

  const fail = (problem: string): never => {
    throw new ConversionError("the file", `it is damaged near byte ${reader.pos}: ${problem}`);
  };
  /** The end of what is so long, which has to be within. */
  const endOf = (length: number, end: number): number =>
    reader.pos + length <= end ? reader.pos + length : fail(`${length} bytes where there are ${end - reader.pos}`);

  function message(fields: Fields, end: number): Message<Fields> {
    const read: Message<Fields> = Object.fromEntries(Object.keys(fields).map((name) => [name, []]));
    const byNumber = new Map(
      Object.entries(fields).map(([name, [number, kind]]) => [number, { kind, list: read[name]! }]),
    );
    while (reader.pos < end) {
      const tag = reader.readVarint();
      const wire = tag & 7;
      const field = byNumber.get(tag >>> 3);
      if (field) one(field.kind, wire, end, field.list as unknown[]);
      else pass(wire, end);
      if (reader.pos > end) fail("a value goes beyond its message");
    }
    return read;
  }

  function one(kind: Kind | Fields, wire: number, end: number, list: unknown[]): void {
    if (++values > MOST_VALUES) fail(`more than ${MOST_VALUES} values`);
    const isNumber = kind === "int" || kind === "float" || kind === "double";
    if (wire !== LENGTH) {
      if (!isNumber || wire !== WIRE_TYPES[kind]) fail(`wire type ${wire}`);
      if (endOf(wire === FIXED32 ? 4 : wire === FIXED64 ? 8 : 1, end)) list.push(number(kind as NumberKind));
      return;
    }
    const last = endOf(reader.readVarint(), end);
    if (isNumber) {
      values += last - reader.pos;
      // Repeated numbers may be packed one after the other.
      while (reader.pos < last) list.push(number(kind));
      if (reader.pos > last) fail("a number goes beyond its list");
    } else if (typeof kind === "object") list.push(message(kind, last));
    else {
      const own = bytes.subarray(reader.pos, last);
      list.push(kind === "string" ? new TextDecoder().decode(new Uint8Array(own)) : own);
    }
    reader.pos = last;
  }

  type NumberKind = "int" | "float" | "double";
  const number = (kind: NumberKind): number =>
    kind === "int" ? reader.readVarint(true) : kind === "float" ? reader.readFloat() : reader.readDouble();

  function pass(wire: number, end: number): void {
    if (wire === VARINT) reader.readVarint();
    else if (wire === LENGTH) reader.pos = endOf(reader.readVarint(), end);
    else if (wire === FIXED32 || wire === FIXED64) reader.pos = endOf(wire === FIXED32 ? 4 : 8, end);
    else fail(`wire type ${wire}`);
  }

  try {
    return message(table, bytes.length) as Message<Table>;
  } catch (error) {
    if (error instanceof ConversionError) throw error;
    throw new ConversionError("the file", `it is damaged${saidBy(error)}`);
  }
}

/** What is written: some fields of a message. */
export type Written<Table extends Fields> = {
  readonly [Name in keyof Table]?: readonly (Table[Name][1] extends Kind
    ? Values[Table[Name][1]]
    : Table[Name][1] extends Fields
      ? Written<Table[Name][1]>
      : never)[];
};

/**
 * The bytes of a message.
 *
 * @throws MissingPackageError without pbf
 */
export async function writeMessage<Table extends Fields>(
  message: Written<Table>,
  table: Table,
): Promise<Uint8Array<ArrayBuffer>> {
  const { PbfWriter } = await need("pbf", "writing ONNX", () => import("pbf"));
  const writer = new PbfWriter();
  write(message as Written<Fields>, table, writer);
  return new Uint8Array(writer.finish());
}

function write(message: Written<Fields>, fields: Fields, writer: PbfWriter): void {
  for (const [name, [number, kind]] of Object.entries(fields)) {
    const values: readonly unknown[] = message[name] ?? [];
    for (const value of values) {
      if (kind === "int") writer.writeVarintField(number, value as number);
      else if (kind === "float") writer.writeFloatField(number, value as number);
      else if (kind === "double") writer.writeDoubleField(number, value as number);
      else if (kind === "string") writer.writeStringField(number, value as string);
      else if (kind === "bytes") writer.writeBytesField(number, value as Uint8Array);
      else
        writer.writeMessage(number, (inner: Written<Fields>, own) => write(inner, kind, own), value as Written<Fields>);
    }
  }
}
