import { expect, test } from "vitest";
import { characters, InputError, UnknownTokenError, Vocabulary } from "../../src/index.js";

test("characters are code points, each once, in numeric order", () => {
  expect(characters("b😀a\nba\u{301}").tokens).toEqual(["\n", "a", "b", "\u{301}", "😀"]);
});

test("the order does not depend on the order of the text", () => {
  expect(characters("cab").tokens).toEqual(characters("bca").tokens);
});

test("decoding gives back what was encoded", () => {
  const text = "naïve 日本語 👩‍👩‍👧 עברית\r\n";
  const vocabulary = characters(text);
  expect(vocabulary.encode(text)).toHaveLength([...text].length);
  expect(vocabulary.decode(vocabulary.encode(text))).toBe(text);
});

test("an unknown character is named with its position in code points", () => {
  const vocabulary = characters("ab😀");
  expect(() => vocabulary.encode("a😀é")).toThrow(UnknownTokenError);
  expect(() => vocabulary.encode("a😀é")).toThrow('"é" (U+00E9) at position 2');
  expect(() => vocabulary.encode("😀\n")).toThrow('"\\n" (U+000A) at position 1');
});

test("half a character is refused", () => {
  expect(() => characters("ok \ud83d")).toThrow(InputError);
  expect(() => characters("ab").encode("a\ud83d")).toThrow(UnknownTokenError);
});

test("an empty text is refused", () => {
  expect(() => characters("")).toThrow("the text is empty");
});

test("a vocabulary of no, repeated or compound entries is refused", () => {
  expect(() => new Vocabulary([])).toThrow(InputError);
  expect(() => new Vocabulary(["a", "b", "a"])).toThrow('"a" stands twice');
  expect(() => new Vocabulary(["a", "bc"])).toThrow("entry 1 is not one character");
  expect(() => new Vocabulary(["a", ""])).toThrow("entry 1 is not one character");
});
