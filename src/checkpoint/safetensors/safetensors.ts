/**
 * The safetensors format (github.com/huggingface/safetensors), and nothing about models:
 *
 *     8 bytes   length of the header, unsigned, little-endian
 *     header    JSON, possibly followed by spaces: { NAME: { dtype, shape, data_offsets: [begin, end] }, … }, where
 *               __metadata__ instead contains strings by name
 *     data      the tensors, row-major, little-endian; offsets count from its first byte; no holes, no overlaps
 *
 * Typed arrays have the host's byte order: hosts must be little-endian, as for the rest of the library.
 */

import { OutOfMemoryError } from "../../common/errors.js";
import { quote, show } from "../../common/show.js";
import { CheckpointError } from "../checkpoint-error.js";
import type { ByteSource } from "./bytes.js";
import { ARRAYS, byteLength, type DType, type TensorData } from "./dtypes.js";
import { type Entry, MAX_HEADER, MAX_RANK, METADATA, readHeader } from "./header.js";
import { MAX_MEMBERS } from "./json.js";

export { CheckpointError } from "../checkpoint-error.js";
export type { DType, TensorData } from "./dtypes.js";

/** The contents of a file. */
export interface SafeTensors {
  readonly tensors: ReadonlyMap<string, TensorData>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** A tensor's type and shape. */
export type TensorInfo = Pick<TensorData, "dtype" | "shape">;

/** A file whose tensors are read one by one, on demand. */
export interface OpenSafeTensors {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: ReadonlyMap<string, string>;
  /** A tensor with its data. */
  tensor(name: string): Promise<TensorData>;
}

/** Bytes before the header: its length, a u64. */
const PREFIX = 8;

/**
 * Reads an untrusted file. Every size is checked against the file's length before use: whatever the header says, the
 * data takes no more memory than the file itself, and the header at most about twenty times its own length (in the
 * worst case, millions of tiny names). Time is linear in the header's length, plus copies of unaligned data.
 *
 * The tensors are views of `bytes` if they are aligned, as in a file from `write`, and copies otherwise: the format
 * does not require alignment. So `bytes` must not change while the tensors are in use.
 *
 * @throws CheckpointError if the file is incomplete, invalid, or has an unsupported element type
 */
export function read(bytes: Uint8Array): SafeTensors {
  const headerEnd = PREFIX + headerLength(bytes, bytes.length);
  const header = headerText(bytes.subarray(PREFIX, headerEnd));
  const { entries, metadata } = readHeader(header, bytes.length - headerEnd);
  const tensors = new Map<string, TensorData>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const data = elements(bytes, dtype, headerEnd + begin, headerEnd + end);
    tensors.set(name, { dtype, shape, data } as TensorData);
  }
  return { tensors, metadata };
}

/**
 * Opens a file of any size, with the checks of {@link read}. A tensor is read each time it is requested.
 *
 * @throws CheckpointError as {@link read}; also if the source returns fewer bytes than it should
 */
export async function open(source: ByteSource): Promise<OpenSafeTensors> {
  const { size } = source;
  if (!Number.isSafeInteger(size) || size < 0) throw new CheckpointError(["file"], "a size in bytes", size);
  const bytesAt = async (offset: number, length: number): Promise<Uint8Array> => {
    const bytes = await source.read(offset, length);
    if (bytes?.length !== length) throw new CheckpointError(["file"], `${length} bytes at ${offset}`, bytes?.length);
    return bytes;
  };
  const first = await bytesAt(0, Math.min(size, PREFIX + 1));
  let headerEnd = PREFIX;
  try {
    headerEnd += headerLength(first, size);
  } catch (error) {
    throw (await import("./other-formats.js")).refusalOf(first) ?? error;
  }
  const header = headerText(await bytesAt(PREFIX, headerEnd - PREFIX));
  const { entries, metadata } = readHeader(header, size - headerEnd);
  const tensors = new Map(entries.map((entry) => [entry.name, entry]));
  return {
    tensors,
    metadata,
    async tensor(name) {
      const { dtype, shape, begin, end } = tensors.get(name) as Entry;
      const bytes = await bytesAt(headerEnd + begin, end - begin);
      return { dtype, shape, data: elements(bytes, dtype, 0, bytes.length) } as TensorData;
    },
  };
}

/**
 * Writes a file. The same contents give the same bytes, regardless of the order of the maps: tensors are ordered by
 * element type as in ARRAYS, the largest first, then by name; metadata by key; names and keys by UTF-16 code units. The
 * header is padded to a multiple of 8 bytes, so that with this order every tensor is aligned within the file.
 *
 * @throws CheckpointError if a shape does not match its data, a tensor is named `__metadata__`, a string is not
 *   well-formed Unicode, or the header would exceed the format's 100 MB
 * @throws OutOfMemoryError if the bytes do not fit into one array
 */
export function write(
  tensors: ReadonlyMap<string, TensorData>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const { header, ordered, size } = layOut(tensors, metadata);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(size);
  } catch {
    throw new OutOfMemoryError(size);
  }
  let position = 0;
  for (const piece of pieces(header, ordered)) {
    bytes.set(piece, position);
    position += piece.length;
  }
  return bytes;
}

/**
 * The bytes of {@link write} in pieces: the header, then each tensor, whose data are requested only then.
 *
 * @throws CheckpointError as {@link write} does: before the first piece, except for data that do not match their shape
 */
export function writePieces(
  tensors: ReadonlyMap<string, TensorData>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Iterable<Uint8Array<ArrayBuffer>> {
  const { header, ordered } = layOut(tensors, metadata);
  return pieces(header, ordered);
}

type Named = readonly [name: string, tensor: TensorData];

function* pieces(
  header: Uint8Array<ArrayBuffer>,
  ordered: readonly Named[],
): Generator<Uint8Array<ArrayBuffer>, void, void> {
  yield header;
  for (const [name, { dtype, shape, data }] of ordered) {
    if (byteLength(dtype, shape) !== data.byteLength) throw mismatch(name, dtype, shape, data.byteLength);
    yield new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  }
}

/** The bytes before the data, the tensors in the file's order, and the file's size. */
function layOut(
  tensors: ReadonlyMap<string, TensorData>,
  metadata: ReadonlyMap<string, string>,
): { header: Uint8Array<ArrayBuffer>; ordered: readonly Named[]; size: number } {
  const rank = Object.keys(ARRAYS);
  const ordered = [...tensors].sort(
    ([name, a], [otherName, b]) => rank.indexOf(a.dtype) - rank.indexOf(b.dtype) || (name < otherName ? -1 : 1),
  );
  const members: string[] = [];
  if (metadata.size > 0) members.push(`"${METADATA}":{${writeMetadata(metadata)}}`);
  let dataLength = 0;
  for (const [name, tensor] of ordered) {
    const { dtype, shape } = tensor;
    const length = checkWritable(name, tensor);
    const offsets = [dataLength, dataLength + length];
    members.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: offsets })}`);
    dataLength += length;
  }

  const header = new TextEncoder().encode(`{${members.join(",")}}`);
  const length = Math.ceil(header.length / 8) * 8;
  if (length > MAX_HEADER) throw new CheckpointError(["header"], `at most ${MAX_HEADER} bytes`, length);
  const bytes = new Uint8Array(PREFIX + length);
  new DataView(bytes.buffer).setUint32(0, length, true);
  bytes.set(header, PREFIX);
  bytes.fill(0x20, PREFIX + header.length);
  return { header: bytes, ordered, size: bytes.length + dataLength };
}

/** @param bytes the file's first bytes, up to the start of the header */
function headerLength(bytes: Uint8Array, size: number): number {
  if (size < PREFIX) throw new CheckpointError(["file"], `at least ${PREFIX} bytes`, size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, PREFIX);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  const most = Math.min(MAX_HEADER, size - PREFIX);
  if (length > most) throw new CheckpointError(["header length"], `at most ${most} bytes`, length);
  if (length === 0 || bytes[PREFIX] !== 0x7b) {
    throw new CheckpointError(["header"], 'a "{" first', length === 0 ? "nothing" : `byte ${bytes[PREFIX]}`);
  }
  return length;
}

function headerText(bytes: Uint8Array): string {
  const header = copy(bytes); // browsers do not decode shared memory
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    throw new CheckpointError(["header"], "UTF-8", "other bytes");
  }
}

/** A typed array over bytes `begin` to `end`, or over a copy of them if they are not aligned in memory. */
function elements(bytes: Uint8Array, dtype: DType, begin: number, end: number): TensorData["data"] {
  const Elements = ARRAYS[dtype];
  const length = (end - begin) / Elements.BYTES_PER_ELEMENT;
  const offset = bytes.byteOffset + begin;
  if (offset % Elements.BYTES_PER_ELEMENT === 0) return new Elements(bytes.buffer as ArrayBuffer, offset, length);
  return new Elements(copy(bytes.subarray(begin, end)).buffer, 0, length);
}

/** Not `slice`, which in a Node Buffer is a view. */
function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copied = new Uint8Array(bytes.length);
  copied.set(bytes);
  return copied;
}

/** The bytes of a tensor's data. */
function checkWritable(name: string, tensor: TensorData): number {
  const { dtype, shape } = tensor;
  if (name === METADATA) throw new CheckpointError(["header"], `no tensor named ${METADATA}`, "one");
  checkText(name, ["header", name]);
  const length = shape.length > MAX_RANK ? undefined : byteLength(dtype, shape);
  if (length === undefined) throw mismatch(name, dtype, shape, tensor.data.byteLength);
  return length;
}

const mismatch = (name: string, dtype: DType, shape: readonly number[], length: number): CheckpointError =>
  new CheckpointError(["header", name, "shape"], `${length} bytes of ${dtype}`, `[${shape}]`);

function writeMetadata(metadata: ReadonlyMap<string, string>): string {
  if (metadata.size > MAX_MEMBERS)
    throw new CheckpointError(["header", METADATA], `at most ${MAX_MEMBERS} entries`, metadata.size);
  const ordered = [...metadata].sort(([key], [otherKey]) => (key < otherKey ? -1 : 1));
  for (const text of ordered.flat()) checkText(text, ["header", METADATA]);
  return ordered.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",");
}

function checkText(text: string, path: readonly string[]): void {
  if (typeof text !== "string") throw new CheckpointError(path, "a string", show(text));
  if (!text.isWellFormed()) throw new CheckpointError(path, "well-formed Unicode (no lone surrogate)", quote(text));
}
