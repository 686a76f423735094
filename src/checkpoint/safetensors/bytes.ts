import { InputError } from "../../common/errors.js";
import { isA } from "../../common/realms.js";
import { show } from "../../common/show.js";

/** `Uint8Array<ArrayBuffer>`, or `Uint8Array` for a TypeScript before 5.7, which knows no other. */
export type Bytes = ReturnType<Uint8ArrayConstructor["of"]>;

/** Bytes that are read in pieces, such as those of an open file. They must not change meanwhile. */
export interface ByteSource {
  /** Their number. */
  readonly size: number;
  /** Reads `length` bytes from `offset`. */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
}

/** As much of a Blob as is read, for types that know no page. */
export interface BlobLike {
  /** Bytes in all. */
  readonly size: number;
  /** Some of them: the blob from `start` to before `end`. */
  slice(start: number, end: number): BlobPart;
}

/** Bytes of a {@link BlobLike}. */
export interface BlobPart {
  /** Reads them. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** The bytes of a file, all at once or, of any size, some of them at a time. */
export type BytesSource = Uint8Array | ArrayBuffer | BlobLike | ByteSource;

/** @throws InputError where it is nothing that can be read */
export function toByteSource(source: BytesSource): ByteSource {
  const isBuffer = isA(source, "ArrayBuffer");
  if (isBuffer || isA(source, "Uint8Array")) {
    const bytes = isBuffer ? new Uint8Array(source as ArrayBuffer) : (source as Uint8Array);
    return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
  }
  if (isA(source, "Blob") || isA(source, "File")) {
    const blob = source as BlobLike;
    return {
      size: blob.size,
      read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
    };
  }
  if (typeof (source as ByteSource | undefined)?.read === "function") return source as ByteSource;
  const advice = typeof source === "string" ? ": read the file first, as load(await readFile(path))" : "";
  throw new InputError(`expected a Uint8Array, ArrayBuffer, Blob or { size, read }, got ${show(source)}${advice}`);
}
