import { validate } from "../checkpoint/load.js";
import { NO_STREAMS, readBytes } from "../cli/files.js";
import { writeWhole } from "../cli/write.js";

/**
 * Copies a checkpoint; what is there is replaced as a whole, if at all.
 *
 * @throws InputError, WriteError
 */
export async function copyCheckpoint(from: string, to: string): Promise<void> {
  await writeWhole(to, await readBytes(from, NO_STREAMS), { verify: validate });
}
