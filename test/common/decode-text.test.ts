import { describe, expect, test } from "vitest";
import { InputError } from "../../src/index.js";
import { decodeText, encodingOf } from "../../src/forecast.js";
import { InputError } from "../../src/index.js";

const TABLE = "Größe;Straße\r\n1,5;„Zürich“\r\n";

/** UTF-16 of a text, big-endian or not. */
function utf16(text: string, isBig = false): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), !isBig);
  return bytes;
}
const utf8 = (text: string) => new TextEncoder().encode(text);
/** Latin-1 of a text without quotes. */
const latin1 = (text: string) => Uint8Array.from(text.replaceAll(/[„“]/g, '"'), (c) => c.charCodeAt(0));

describe("the text of a file's bytes", () => {
  test.each<[what: string, bytes: Uint8Array<ArrayBuffer>]>([
    ["UTF-8", utf8(TABLE)],
    ["UTF-8 with a mark", utf8(`\ufeff${TABLE}`)],
    ["UTF-16", utf16(TABLE)],
    ["UTF-16 with a mark", utf16(`\ufeff${TABLE}`)],
    ["UTF-16, big-endian", utf16(TABLE, true)],
    ["UTF-16, big-endian, with a mark", utf16(`\ufeff${TABLE}`, true)],
  ])("%s", (_, bytes) => {
    expect(decodeText(bytes)).toBe(TABLE);
  });

  test("Latin-1 has to be named", () => {
    const bytes = latin1(TABLE);
    expect(() => decodeText(bytes)).toThrow("the text is not UTF-8 (byte 2): pass its encoding, such as windows-1252");
    expect(decodeText(bytes, "windows-1252")).toBe(TABLE.replaceAll(/[„“]/g, '"'));
    expect(encodingOf(bytes)).toBe("utf-8");
  });

  test("what is no text is refused", () => {
    expect(() => decodeText(utf8("a\0b"))).toThrow("the text contains NUL (character 1), which text does not");
    expect(encodingOf(utf8("a\0b"))).toBeUndefined();
    expect(encodingOf(utf16(TABLE))).toBe("utf-16le");
    expect(() => decodeText(utf8(TABLE), "utf-9000")).toThrow(InputError);
  });
});
