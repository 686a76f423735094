import { CheckpointError } from "../checkpoint-error.js";

// Fetched for a file that is not safetensors.

/** How files of other programs begin. */
const FORMATS = [
  { magic: [0x50, 0x4b, 3, 4], name: "a ZIP archive, as .keras and .pt are" },
  { magic: [0x89, 0x48, 0x44, 0x46], name: "an HDF5 file, as .h5 is" },
];

/** The error for a file in another format, told by its first bytes. Undefined if it is none that is known. */
export function refusalOf(bytes: Uint8Array): CheckpointError | undefined {
  const format = FORMATS.find(({ magic }) => magic.every((byte, i) => byte === bytes[i]));
  if (!format) return undefined;
  const advice = "convert it with the command convert, or read it with importModel of lstm-wasm/convert";
  return new CheckpointError(["file"], "safetensors", `${format.name}: ${advice}`);
}
