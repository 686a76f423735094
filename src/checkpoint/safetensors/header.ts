import { quote } from "../../common/show.js";
import { CheckpointError } from "../checkpoint-error.js";
import { ARRAYS, byteLength, type DType, isDType } from "./dtypes.js";
import { JsonReader } from "./json.js";

/** In bytes: the limit of Hugging Face's reader. */
export const MAX_HEADER = 100_000_000;

/** Most dimensions of a tensor: NumPy's limit. Real tensors have a handful. */
export const MAX_RANK = 64;

/** The only header key that is not a tensor's name. */
export const METADATA = "__metadata__";

/** A tensor in the header. Offsets are in bytes from the start of the data. */
export interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads the JSON header of a safetensors file. The result is consistent: the entries, in the header's order, fill the
 * data without holes or overlaps.
 *
 * @param dataLength bytes in the file after the header
 * @throws CheckpointError if the header is invalid or has an unsupported element type
 */
export function readHeader(text: string, dataLength: number): { entries: Entry[]; metadata: Map<string, string> } {
  const json = new JsonReader(text, "header");
  const metadata = new Map<string, string>();
  const entries: Entry[] = [];
  json.object((name) => {
    if (name === METADATA) json.object((key) => metadata.set(key, json.string()));
    else entries.push(readEntry(json, name, dataLength));
  });
  json.end();
  checkOrder(entries, dataLength);
  return { entries, metadata };
}

function readEntry(json: JsonReader, name: string, dataLength: number): Entry {
  const found: { dtype?: string; shape?: number[]; offsets?: number[] } = {};
  json.object((key) => {
    if (key === "dtype") found.dtype = json.string();
    else if (key === "shape") found.shape = json.integers(MAX_RANK);
    else if (key === "data_offsets") found.offsets = json.integers(2);
    else throw json.error('no key but "dtype", "shape" and "data_offsets"', "this one");
  });
  const { dtype, shape, offsets = [] } = found;
  const [begin, end] = offsets;
  if (dtype === undefined) throw json.error("a string", "nothing", "dtype");
  if (shape === undefined) throw json.error("an array of integers", "nothing", "shape");
  if (begin === undefined || end === undefined) throw json.error("2 integers", offsets.length, "data_offsets");
  if (!isDType(dtype)) throw json.error(`one of ${Object.keys(ARRAYS).join(", ")}`, quote(dtype), "dtype");
  const size = byteLength(dtype, shape);
  if (size === undefined) throw json.error("less than 2^53 bytes", `${dtype} [${shape}]`, "shape");
  if (end > dataLength) throw json.error(`an end within the ${dataLength} bytes of data`, end, "data_offsets");
  if (end - begin !== size) {
    throw json.error(`${size} bytes for ${dtype} [${shape}]`, `${end - begin} bytes`, "data_offsets");
  }
  return { name, dtype, shape, begin, end };
}

/** Rejects overlaps, holes and data outside any tensor. */
function checkOrder(entries: readonly Entry[], dataLength: number): void {
  let position = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== position) {
      throw new CheckpointError(["header", name, "data_offsets"], `begin ${position} (no holes, no overlaps)`, begin);
    }
    position = end;
  }
  if (position !== dataLength) throw new CheckpointError(["data"], `${position} bytes by the header`, dataLength);
}
