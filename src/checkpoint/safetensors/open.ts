import { show } from "../../common/show.js";
import { CheckpointError } from "../checkpoint-error.js";
import type { TensorData } from "./dtypes.js";
import { type Entry, readHeader } from "./header.js";
import { type ByteSource, elements, headerLength, headerText, type OpenSafeTensors, PREFIX } from "./safetensors.js";

/**
 * Opens a file of any size and origin. Its header is checked as {@link read} does it; a tensor takes memory when it is read.
 *
 * @throws CheckpointError as {@link read} does; later, where the source gives fewer bytes than it has
 */
export async function open(source: Blob | ByteSource): Promise<OpenSafeTensors> {
  const { size } = source;
  const readAt =
    source instanceof Blob
      ? async (offset: number, length: number) =>
          new Uint8Array(await source.slice(offset, offset + length).arrayBuffer())
      : (offset: number, length: number) => source.read(offset, length);
  if (!Number.isSafeInteger(size) || size < 0) throw new CheckpointError(["file"], "a size in bytes", show(size));
  const bytesAt = async (offset: number, length: number): Promise<Uint8Array> => {
    const bytes = await readAt(offset, length);
    if (!(bytes instanceof Uint8Array) || bytes.length !== length)
      throw new CheckpointError(["file"], `${length} bytes from byte ${offset} on`, bytes?.length ?? "none");
    return bytes;
  };
  const headerEnd = PREFIX + headerLength(await bytesAt(0, Math.min(size, PREFIX + 1)), size);
  const header = headerText(await bytesAt(PREFIX, headerEnd - PREFIX));
  const { entries, metadata } = readHeader(header, size - headerEnd);
  const tensors = new Map(entries.map((entry) => [entry.name, entry]));
  return {
    tensors,
    metadata,
    async tensor(name) {
      const { dtype, shape, begin, end } = tensors.get(name) as Entry;
      const bytes = await bytesAt(headerEnd + begin, end - begin);
      return { dtype, shape, data: elements(bytes, dtype, 0, end - begin) } as TensorData;
    },
  };
}
