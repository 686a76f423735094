import { expect, test } from "vitest";
import { InputError, OptionError, UnknownTokenError } from "../internals/common.js";
import { CharacterVocabulary, characters, type Vocabulary, vocabularyFrom, words } from "../internals/data.js";

test("characters are code points, each once, in numeric order", () => {
  expect(characters("b😀a\nba\u{301}").tokens).toEqual(["\n", "a", "b", "\u{301}", "😀"]);
});

test("the order does not depend on the order of the text", () => {
  expect(characters("cab").tokens).toEqual(characters("bca").tokens);
});

test("decoding reverses encoding", () => {
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

test("a lone surrogate is rejected", () => {
  expect(() => characters("ok \ud83d")).toThrow(InputError);
  expect(() => characters("ab").encode("a\ud83d")).toThrow(UnknownTokenError);
});

test("an empty text is rejected", () => {
  expect(() => characters("")).toThrow("the text is empty");
});

test("a vocabulary of no, repeated or compound entries is rejected", () => {
  expect(() => new CharacterVocabulary([])).toThrow(InputError);
  expect(() => new CharacterVocabulary(["a", "b", "a"])).toThrow('"a" is in the vocabulary twice');
  expect(() => new CharacterVocabulary(["a", "bc"])).toThrow("entry 1: expected a single character");
  expect(() => new CharacterVocabulary(["a", ""])).toThrow("entry 1: expected a single character");
});

test("a character decodes to itself, whatever precedes it", () => {
  const vocabulary: Vocabulary = characters("ab ");
  expect(vocabulary.level).toBe("char");
  for (const previous of [undefined, 0, 1, 2]) expect(vocabulary.decodeToken(2, previous)).toBe("b");
});

test("a character vocabulary is serialized as an array", () => {
  expect(JSON.stringify(characters("b😀a").toJSON())).toBe('["a","b","😀"]');
});

const described = {
  "of characters": characters("Zoë 😀\r\n"),
  "of words": words("To be, or not to be:\nthat is the question."),
  "of words with <unk>": words("to be or not to be", { minFrequency: 2 }),
  "of words without punctuation, as written": words("Don't!", { lowercase: false, punctuation: "strip" }),
  "with names of JavaScript's own": words("__proto__ constructor toString __proto__", { lowercase: false }),
};

test.each(Object.entries(described))("a vocabulary %s survives a round trip", (_, vocabulary) => {
  expect(vocabularyFrom(JSON.parse(JSON.stringify(vocabulary.toJSON())))).toStrictEqual(vocabulary);
});

const good = { level: "word", lowercase: true, punctuation: "keep", tokens: ["be", "to"] };

test.each<[what: string, description: unknown, message: string]>([
  ["nothing", undefined, "expected an array of characters, or an object"],
  ["null", null, "expected an array of characters, or an object"],
  ["a string", "abc", "expected an array of characters, or an object"],
  ["no character", [], "at least one character"],
  ["a number among characters", ["a", 1], "entry 1: expected a single character, got 1"],
  ["null among characters", [null], "entry 0: expected a single character, got null"],
  ["a repeated character", ["a", "b", "a"], '"a" is in the vocabulary twice'],
  ["an empty character", ["a", ""], 'entry 1: expected a single character, got ""'],
  ["half a character", ["a", "\ud83d"], "entry 1: expected a single character"],
  ["a word among characters", ["a", "__proto__"], 'entry 1: expected a single character, got "__proto__"'],
  ["an object without a level", {}, 'level: expected "word", got undefined'],
  ["another level", { ...good, level: "byte" }, 'level: expected "word", got "byte"'],
  ["no lowercase", { ...good, lowercase: undefined }, "lowercase: expected true or false, got undefined"],
  ["an odd lowercase", { ...good, lowercase: "yes" }, 'lowercase: expected true or false, got "yes"'],
  ["an odd punctuation", { ...good, punctuation: "drop" }, 'punctuation: expected "strip" or "keep", got "drop"'],
  ["an option of another version", { ...good, stemming: true }, 'unknown option "stemming"'],
  ["no tokens", { ...good, tokens: undefined }, "tokens: expected an array"],
  ["an object as tokens", { ...good, tokens: { 0: "be" } }, "tokens: expected an array"],
  ["no word", { ...good, tokens: [] }, "at least one word"],
  ["<unk> alone", { ...good, tokens: ["<unk>"] }, "at least one word"],
  ["<unk> in another place", { ...good, tokens: ["be", "<unk>"] }, 'entry 1: expected a single word, got "<unk>"'],
  ["a number among words", { ...good, tokens: ["be", 2] }, "entry 1: expected a single word, got 2"],
  ["a repeated word", { ...good, tokens: ["be", "to", "be"] }, '"be" is in the vocabulary twice'],
  ["an empty word", { ...good, tokens: [""] }, 'entry 0: expected a single word, got ""'],
  ["a space", { ...good, tokens: [" "] }, "entry 0: expected a single word"],
  ["two words", { ...good, tokens: ["to be"] }, 'entry 0: expected a single word, got "to be"'],
  ["a word with a space before it", { ...good, tokens: [" be"] }, 'entry 0: expected a single word, got " be"'],
  ["a capital in small letters", { ...good, tokens: ["Be"] }, 'entry 0: expected a single word, got "Be"'],
  ["a word with its comma", { ...good, tokens: ["be,"] }, 'entry 0: expected a single word, got "be,"'],
  [
    "a comma where they are stripped",
    { ...good, punctuation: "strip", tokens: [","] },
    "entry 0: expected a single word",
  ],
  ["half a character as a word", { ...good, tokens: ["\ud83d"] }, "entry 0: expected a single word"],
])("a description with %s is refused", (_, description, message) => {
  expect(() => vocabularyFrom(description)).toThrow(InputError);
  expect(() => vocabularyFrom(description)).toThrow(message);
});

test("lower-casing belongs to a vocabulary of characters, and travels with it", () => {
  const vocabulary = characters("To Be İ", { lowercase: true });
  expect(vocabulary.tokens).toEqual([" ", "b", "e", "i", "o", "t", "\u0307"]);
  expect(vocabulary.decode(vocabulary.encode("TO be"))).toBe("to be");
  expect(vocabulary.filterKnown("TO BEZ")).toBe("to be");
  const description = JSON.parse(JSON.stringify(vocabulary)) as object;
  expect(description).toEqual({ level: "char", lowercase: true, tokens: vocabulary.tokens });
  const again = vocabularyFrom(description);
  expect(again).toStrictEqual(vocabulary);
  expect(characters("To").toJSON()).toEqual(["T", "o"]);
  for (const wrong of [{ lowercase: false }, { tokens: "ab" }, { tokens: ["A"] }, { stemming: true }])
    expect(() => vocabularyFrom({ ...description, ...wrong })).toThrow(InputError);
  expect(() => characters("a", { lowercase: 1 as never })).toThrow(OptionError);
});
