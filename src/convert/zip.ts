import { ConversionError, saidBy } from "./conversion-error.js";
import { need } from "./packages.js";
import { Room } from "./room.js";

/** Most files in an archive. PyTorch writes one for each tensor. */
const MOST_ENTRIES = 100_000;
/** Where a .keras file has its weights, and the bytes at an archive's end that list its files. */
export const KERAS_WEIGHTS = "model.weights.h5";
const LISTING = 2 ** 16;

/** A file in a ZIP archive. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes, when unpacked. */
  readonly size: number;
}

/**
 * The files in a ZIP archive, unpacked, by name.
 *
 * @param wants whether to unpack one; the others are only looked at
 * @param room for what is unpacked
 * @throws ConversionError for a damaged archive, and one that would become many times as large
 * @throws MissingPackageError without fflate
 */
export async function unzip(
  bytes: Uint8Array,
  wants: (entry: ZipEntry) => boolean,
  room = new Room(bytes.length),
): Promise<ReadonlyMap<string, Uint8Array>> {
  const isKeras = lists(bytes, KERAS_WEIGHTS);
  const what = isKeras ? "reading a .keras file" : "reading a ZIP archive";
  const { unzipSync } = await need("fflate", what, () => import("fflate"), isKeras ? ["jsfive"] : []);
  const sizes = new Map<string, number>();
  let count = 0;
  const filter = ({ name, size, originalSize, compression }: { name: string; size: number } & Packed): boolean => {
    // The archive's own count may be damaged, and in the billions.
    if (++count > MOST_ENTRIES) throw new ConversionError("the archive", `more than ${MOST_ENTRIES} files`);
    if (!wants({ name, size: originalSize })) return false;
    if (size > bytes.length || (compression === 0 && originalSize > size))
      throw new ConversionError(name, `it claims to have ${originalSize} bytes, which it cannot`);
    // Unpacking takes room for the size that an archive claims.
    room.take(originalSize, name);
    sizes.set(name, originalSize);
    return true;
  };
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, { filter });
  } catch (error) {
    if (error instanceof ConversionError) throw error;
    throw new ConversionError("the archive", `it is no ZIP archive, or damaged${saidBy(error)}`);
  }
  for (const [name, size] of sizes)
    if (files[name]?.length !== size)
      throw new ConversionError(name, `expected ${size} bytes, got ${files[name]?.length}`);
  return new Map(Object.entries(files));
}

/** Whether an archive has a file of this name, as far as can be told without unpacking: its last bytes list all files. */
const lists = (bytes: Uint8Array, name: string): boolean =>
  new TextDecoder("latin1").decode(bytes.subarray(-LISTING)).includes(name);

interface Packed {
  readonly originalSize: number;
  readonly compression: number;
}

/** The names of the files in an archive. */
export async function zipNames(bytes: Uint8Array): Promise<string[]> {
  const names: string[] = [];
  await unzip(bytes, ({ name }) => {
    names.push(name);
    return false;
  });
  return names;
}
