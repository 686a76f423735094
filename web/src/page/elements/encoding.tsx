import { decodeText, encodingOf } from "lstm-wasm/forecast";
import { SelectField } from "./field.js";

// Fetched with the first file that is not UTF-8.

/** What spreadsheets and older programs write, by TextDecoder's label. */
const ENCODINGS: Readonly<Record<string, string>> = {
  "windows-1252": "Western European (Windows, Latin-1)",
  macintosh: "Western European (Mac)",
  "windows-1250": "Central European",
  "windows-1257": "Baltic",
  "windows-1251": "Cyrillic",
  "windows-1253": "Greek",
  "windows-1254": "Turkish",
  "windows-1255": "Hebrew",
  "windows-1256": "Arabic",
  shift_jis: "Japanese (Shift JIS)",
  gb18030: "Chinese (GB 18030)",
  big5: "Chinese (Big5)",
  "euc-kr": "Korean",
  "utf-16le": "UTF-16",
  "utf-16be": "UTF-16, big-endian",
};

/** A file that is not UTF-8, and how it is read. */
export interface EncodedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly encoding: string;
  readonly text: string;
}

/** Reads a file as its bytes show, or as most that show nothing are; undefined for one that is no text. */
export function guessed(name: string, bytes: Uint8Array<ArrayBuffer>): EncodedFile | undefined {
  const encoding = encodingOf(bytes);
  return encoding && readAs({ name, bytes, text: "", encoding }, encoding === "utf-8" ? "windows-1252" : encoding);
}

/** Reads a file in another encoding; undefined where it has none. */
function readAs(file: EncodedFile, encoding: string): EncodedFile | undefined {
  try {
    return { ...file, encoding, text: decodeText(file.bytes, encoding) };
  } catch {
    return undefined;
  }
}

interface EncodingFieldProps {
  readonly file: EncodedFile;
  readonly onFile: (file: EncodedFile) => void;
  readonly onProblem: (problem: string) => void;
  readonly disabled: boolean;
}

/** The encoding of a file, which can only be guessed. */
export function EncodingField({ file, onFile, onProblem, disabled }: EncodingFieldProps) {
  return (
    <SelectField
      label="Encoding"
      value={file.encoding}
      options={ENCODINGS}
      onValue={(label) => {
        const other = readAs(file, label);
        if (other) onFile(other);
        else onProblem(`“${file.name}” has bytes that ${ENCODINGS[label]} has not. Choose another encoding.`);
      }}
      disabled={disabled}
      hint="This file is not UTF-8. Choose another encoding if names look wrong."
    />
  );
}
