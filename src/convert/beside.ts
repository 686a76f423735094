import { type ByteSource, type BytesSource, toByteSource } from "../checkpoint/safetensors/bytes.js";
import { OptionError } from "../common/errors.js";
import { ConversionError } from "./conversion-error.js";

// A format of several files refers to the others by their names.

/** Reads a file by its name; undefined where there is none. */
export type Beside = (name: string) => BytesSource | undefined | Promise<BytesSource | undefined>;

/** Reads a file that lies beside another one, by its name. */
export type ReadBeside = (name: string) => Promise<Uint8Array>;

/** Most bytes of a file that is read whole, and of one that lies beside. */
const LARGEST = 2 ** 31 - 1;

/**
 * A whole file.
 *
 * @throws ConversionError for one that is too long, or cut off
 */
export async function readWhole(name: string, source: ByteSource): Promise<Uint8Array> {
  const { size } = source;
  if (size > LARGEST) throw new ConversionError(name, `it has ${size} bytes; the limit is ${LARGEST}`);
  const bytes = await source.read(0, size);
  if (bytes?.length !== size) throw new ConversionError(name, `expected ${size} bytes, got ${bytes?.length}`);
  // Not a Buffer, whose slices are no copies.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Reads files that lie beside, none elsewhere. */
export function reading(beside: Beside | undefined): ReadBeside {
  return async (name) => {
    if (!beside) throw new OptionError("beside", `a function that reads ${name}, which belongs to the model`, beside);
    if (!/^[^/\\]+$/.test(name) || /^\.+$/.test(name))
      throw new ConversionError(name, "a file that does not lie beside the model");
    const file = await beside(name);
    if (file === undefined) throw new ConversionError(name, "it belongs to the model, but does not lie beside it");
    return readWhole(name, toByteSource(file));
  };
}
