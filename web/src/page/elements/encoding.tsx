import { SelectField } from "./field.js";

// Fetched with the first file that is not UTF-8.

/** What spreadsheets and older programs write, by TextDecoder's label. */
export const ENCODINGS: Readonly<Record<string, string>> = {
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

interface EncodingFieldProps {
  readonly encoding: string;
  readonly onEncoding: (encoding: string) => void;
  readonly disabled: boolean;
}

/** The encoding of a file, which can only be guessed. */
export function EncodingField({ encoding, onEncoding, disabled }: EncodingFieldProps) {
  return (
    <SelectField
      label="Encoding"
      value={encoding}
      options={ENCODINGS}
      onValue={onEncoding}
      disabled={disabled}
      hint="This file is not UTF-8. Choose another encoding if names look wrong."
    />
  );
}
