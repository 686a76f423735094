import { given } from "../../common/content.js";
import type { FileRead } from "../../common/protocol.js";

/**
 * Reads a file as text: as UTF-8, as its bytes show or, where they show nothing, as most such files are.
 *
 * @param encoding by TextDecoder's label, where the user chose one
 */
export async function readText(file: File, encoding?: string): Promise<FileRead> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    return { problem: `Could not read “${file.name}”: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
  const { name } = file;
  const text = encoding === undefined ? utf8Of(bytes) : undefined;
  if (text !== undefined) return { content: given({ text, file: name }) };
  // Fetched with the first file that is not UTF-8.
  const { decodeText, encodingOf } = await import("lstm-wasm/forecast");
  const shown = encoding ?? encodingOf(bytes);
  if (shown === undefined) return {};
  const label = shown === "utf-8" ? USUAL : shown;
  try {
    return { content: given({ text: decodeText(bytes, label), file: name, encoding: label }) };
  } catch {
    return {};
  }
}

/** What programs write that know no UTF-8. */
const USUAL = "windows-1252";

/** A file's text, if it is UTF-8. One that has NUL is UTF-16 without a mark, or none. */
function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
