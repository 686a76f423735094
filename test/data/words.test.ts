import { describe, expect, test } from "vitest";
import { InputError, OptionError, Random, UnknownTokenError } from "../internals/common.js";
import { vocabularyFrom, type WordOptions, WordVocabulary, words } from "../internals/data.js";

/** A vocabulary that puts spaces where they are usual. */
const usual = (text: string, options: WordOptions = {}) => words(text, { whitespace: "normalize", ...options });

/** The tokens that a text is cut into, in the order of the text. */
function cut(text: string, options?: WordOptions): string[] {
  const vocabulary = usual(text, options);
  return Array.from(vocabulary.encode(text), (index) => vocabulary.tokens[index]!);
}

test.each<[what: string, text: string, tokens: string[]]>([
  ["words and punctuation", "To be, or not!", ["to", "be", ",", "or", "not", "!"]],
  ["line breaks", "a\nb\n\nc\n", ["a", "\n", "b", "\n", "\n", "c", "\n"]],
  ["CRLF as LF", "a\r\nb\r\n", ["a", "\n", "b", "\n"]],
  ["other white space", "\ufeffa\tb\u00a0c\u3000d\u0085e\rf  g", ["a", "b", "c", "d", "e", "f", "g"]],
  ["apostrophes inside", "don't o’er rock'n'roll", ["don't", "o’er", "rock'n'roll"]],
  ["apostrophes before", "'tis ’twas '90s", ["'tis", "’twas", "'90s"]],
  ["apostrophes after", "th' dogs’ ''", ["th", "'", "dogs", "’", "'", "'"]],
  ["single quotes", "the 'word' is ‘word’", ["the", "'word", "'", "is", "‘", "word", "’"]],
  ["hyphens inside", "mother-in-law co‐op non‑stop", ["mother-in-law", "co‐op", "non‑stop"]],
  ["hyphens outside", "-5 semi- x--y", ["-", "5", "semi", "-", "x", "-", "-", "y"]],
  ["dashes", "die—to sleep – no", ["die", "—", "to", "sleep", "–", "no"]],
  ["numbers and underscores", "__proto__ x2 ½ ٣", ["__proto__", "x2", "½", "٣"]],
  ["symbols", "a+b $5 …<", ["a", "+", "b", "$", "5", "…", "<"]],
  ["letters of all scripts", "Zoë ΟΔΟΣ שלום 日本語。𝒽𝒾", ["zoë", "οδος", "שלום", "日本語", "。", "𝒽𝒾"]],
  ["combining marks", "e\u{301}te\u{301} हिन्दी İ", ["e\u{301}te\u{301}", "हिन्दी", "i\u{307}"]],
  ["joiners in words", "می\u200cخواهم", ["می\u200cخواهم"]],
  ["emoji in whole code points", "😀ok ❤\ufe0f 👩\u200d🚀", ["😀", "ok", "❤\ufe0f", "👩\u200d", "🚀"]],
])("keeping punctuation: %s", (_, text, tokens) => {
  expect(cut(text)).toEqual(tokens);
});

test.each<[what: string, text: string, tokens: string[]]>([
  ["words alone", "To be, or\r\nnot!", ["to", "be", "or", "not"]],
  ["closed gaps", "Don't mother-in-law die—to 3.14", ["dont", "motherinlaw", "dieto", "314"]],
  ["lone punctuation", "a – b - c", ["a", "b", "c"]],
  ["numbers and underscores", "snake_case x2 ½", ["snake_case", "x2", "½"]],
  ["combining marks", "e\u{301}te\u{301} हिन्दी", ["e\u{301}te\u{301}", "हिन्दी"]],
  ["whole emoji with their marks", "a ❤\ufe0f 👩\u200d🚀 b", ["a", "b"]],
])("stripping punctuation: %s", (_, text, tokens) => {
  expect(cut(text, { punctuation: "strip" })).toEqual(tokens);
});

test("capitals are kept if requested", () => {
  expect(cut("To BE", { lowercase: false })).toEqual(["To", "BE"]);
  expect(cut("To BE", { lowercase: false, punctuation: "strip" })).toEqual(["To", "BE"]);
});

test("the order is that of the code points, whatever the order of the text", () => {
  const order = ["\n", ",", "Be", "a", "ab", "abc", "b", "é", "日", "\uff21", "𝒽"];
  expect(usual(order.join(" "), { lowercase: false }).tokens).toEqual(order);
  expect(usual(order.toReversed().join(" "), { lowercase: false }).tokens).toEqual(order);
});

const counted = "c c c b b a a d";

test.each<[WordOptions, tokens: string[]]>([
  [{}, ["a", "b", "c", "d"]],
  [{ unkToken: true }, ["<unk>", "a", "b", "c", "d"]],
  [{ minFrequency: 2 }, ["<unk>", "a", "b", "c"]],
  [{ minFrequency: 3, unkToken: false }, ["c"]],
  [{ maxTokens: 3 }, ["<unk>", "a", "c"]],
  [{ maxTokens: 3, unkToken: false }, ["a", "b", "c"]],
  [{ maxTokens: 9 }, ["<unk>", "a", "b", "c", "d"]],
  [{ minFrequency: 3, maxTokens: 3 }, ["<unk>", "c"]],
])("of a word three times, two twice and one once, %o keeps %j", (options, tokens) => {
  const vocabulary = words(counted, options);
  expect(vocabulary.tokens).toEqual(tokens);
  expect(vocabulary.size).toBe(tokens.length);
  expect(vocabulary.hasUnkToken).toBe(tokens[0] === "<unk>");
});

test("an omitted word is encoded and decoded as <unk>", () => {
  const vocabulary = words("to be or not to be", { minFrequency: 2 });
  expect([...vocabulary.encode("To BE or, not")]).toEqual([2, 1, 0, 0, 0]);
  expect(vocabulary.decode([2, 1, 0, 2])).toBe("to be <unk> to");
});

test("without <unk>, an unknown word is named with its position in words", () => {
  const vocabulary = words("to be, or not");
  for (const known of ["to BE", ""]) expect(vocabulary.encode(known)).toHaveLength(known ? 2 : 0);
  expect(() => vocabulary.encode("to be, Hamlet")).toThrow(UnknownTokenError);
  expect(() => vocabulary.encode("to be, Hamlet")).toThrow('"hamlet"');
  expect(() => vocabulary.encode("to be, Hamlet")).toThrow(expect.objectContaining({ token: "hamlet", position: 3 }));
  expect(() => vocabulary.encode("to \ud83d")).toThrow(UnknownTokenError);
});

test("a text can be reduced to its known words", () => {
  const text = "Or to die, to sleep: be!";
  expect(words("to be, or not").filterKnown(text)).toBe("or to, to be");
  expect(words("to be, or not", { unkToken: true }).filterKnown(text)).toBe("or to, to be");
  expect(words("to be").filterKnown("die")).toBe("");
});

test("words named like JavaScript's own are words", () => {
  const vocabulary = words("__proto__ constructor hasOwnProperty", { lowercase: false });
  expect(vocabulary.decode(vocabulary.encode("constructor __proto__"))).toBe("constructor __proto__");
  expect(() => vocabulary.encode("toString")).toThrow(UnknownTokenError);
});

test.each([
  "To be, or not to be: that is the question.",
  "Whether 'tis nobler in the mind to suffer\nthe slings and arrows of outrageous fortune,\n\nor to take arms…\n",
  "to die—to sleep – no more; and by a sleep - to say",
  "(see [the {third} act], ‘scene one’)",
  "he said: “don't!” and ‘o’er’ and 'over' and th' dogs' o’ course",
  '"who\'s there?"\n"nay, answer me: stand, and unfold yourself."\n',
  'bernardo: "long live the king!"\n("he?")',
  "¿qué? ¡sí! «non»",
  "a mother-in-law of 42 -- no, 43",
  "e\u{301}te\u{301} שלום, 日本語。 👩\u200d🚀 ❤\ufe0f!",
])("joined again as it was: %j", (text) => {
  const vocabulary = usual(text);
  expect(vocabulary.decode(vocabulary.encode(text))).toBe(text.toLowerCase());
});

test.each([
  ["a  b\t c ,d", "a b c, d"],
  ["a\r\n  b \n", "a\nb\n"],
  ['"no," he said', '"no,"he said'],
  ['so "no" is', 'so "no "is'],
])("joined again otherwise: %j as %j", (text, joined) => {
  const vocabulary = usual(text);
  expect(vocabulary.decode(vocabulary.encode(text))).toBe(joined);
});

const KEPT: [what: string, text: string][] = [
  [
    "prose",
    'Mr. Bennet was among the earliest of those who waited on Mr. Bingley. "No," he said; "never!" So "no" is.\n',
  ],
  ["dialogue", '\'Who\'s there?\' -- \'Nay, answer me.\'\n\n"Long live" the "king"!\n(he said "no")\n'],
  ["verse with indentation", "  Whether 'tis nobler\n      in the mind\n\tto suffer  \nthe slings\n\n\n   and"],
  ["numbers", "1,234.56 at 12:30, 3.14 -- .5 -7 +8 10% $5.00 1/2 (3) 2026-11-26 #1 @me"],
  ["addresses", "see https://example.org/a_b?c=d&e=f#g, or me@example.org."],
  ["code", "for (let i = 0; i < n; i++) { a[i] += f(x, y); } // <unk> <join>"],
  ["all kinds of white space", "a  b\t c ,d\u00a0e\u3000f\u0085g\ufeffh\r\ni".replace("\r", "")],
  ["all kinds of quotes", "“No,” he said—“never” ‘so’ «no» „nein“ he's 'tis th' '90s"],
];

describe("with white space kept", () => {
  test.each(KEPT)("%s comes back as it was", (_, text) => {
    const vocabulary = words(text, { lowercase: false });
    const tokens = vocabulary.encode(text);
    expect(vocabulary.decode(tokens)).toBe(text);
    expect(vocabularyFrom(JSON.parse(JSON.stringify(vocabulary)))).toStrictEqual(vocabulary);
    let pieces = "";
    for (const [i, token] of tokens.entries()) pieces += vocabulary.decodeToken(token, tokens[i - 1]);
    expect(pieces).toBe(text);
  });

  test("usual spaces need no tokens, others do", () => {
    expect(words("to be, or not: be").tokens).toEqual([",", ":", "be", "not", "or", "to"]);
    expect(words("3.14").tokens).toEqual([".", "14", "3", "<join>"]);
    expect(words("a  b").tokens).toEqual(["  ", "a", "b"]);
  });

  test("what is not in the vocabulary is left out, and is no unknown word", () => {
    for (const unkToken of [false, true]) {
      const vocabulary = words("3 . 14 to be", { unkToken });
      expect(vocabulary.decode(vocabulary.encode("3.14   to  be"))).toBe("3. 14 to be");
    }
  });

  test("punctuation that is stripped takes it along", () => {
    expect(() => words("to be", { punctuation: "strip", whitespace: "keep" })).toThrow(OptionError);
    expect(words("a  b", { punctuation: "strip" }).tokens).toEqual(["a", "b"]);
  });
});

test("without punctuation, words are joined by spaces", () => {
  const vocabulary = words("To be,\nor not.", { punctuation: "strip" });
  expect(vocabulary.decode(vocabulary.encode("not\nto, be."))).toBe("not to be");
});

test("a word decodes to what it adds to the text", () => {
  const vocabulary = words("to be, “or”\nnot");
  const piece = (token: string, previous?: string) =>
    vocabulary.decodeToken(
      vocabulary.encode(token)[0]!,
      previous === undefined ? undefined : vocabulary.encode(previous)[0],
    );
  expect(piece("be")).toBe("be");
  expect(piece("be", "to")).toBe(" be");
  expect(piece(",", "to")).toBe(",");
  expect(piece("\n", ",")).toBe("\n");
  expect(piece("be", "\n")).toBe("be");
  expect(piece("“", ",")).toBe(" “");
  expect(piece("or", "“")).toBe("or");
});

const everySort = `a b's 'tis e\u{301} ن\u200c 5 _ . , : ! … ' ’ ” " “ ‘ ( ) [ ] « » ¿ — – - ‐ + < ❤\ufe0f 👩\u200d 🚀 \u{301} \n 日 。`;

test.each(["keep", "strip"] as const)("any tokens, joined and cut again, are the same (%s)", (punctuation) => {
  const vocabulary = usual(everySort, { punctuation });
  const random = new Random(1);
  const tokens = Int32Array.from({ length: 20_000 }, () => Math.floor(random.uniform() * vocabulary.size));
  expect(vocabulary.encode(vocabulary.decode(tokens))).toEqual(tokens);
  let text = "";
  for (const [i, token] of tokens.entries()) text += vocabulary.decodeToken(token, tokens[i - 1]);
  expect(text).toBe(vocabulary.decode(tokens));
});

test.each<[what: string, text: string, options: WordOptions, message: string]>([
  ["an empty text", "", {}, "contains no words"],
  ["white space", " \t", {}, "contains no words"],
  ["line breaks", "\r\n\n", {}, "contains no words"],
  ["punctuation to be stripped", "... – !", { punctuation: "strip" }, "contains no words"],
  ["no word that is frequent enough", "to be", { minFrequency: 2 }, "no word occurs at least 2 times"],
  ["half a character", "ok \ud83d", {}, "half a character"],
])("a text of %s is refused", (_, text, options, message) => {
  expect(() => words(text, options)).toThrow(InputError);
  expect(() => words(text, options)).toThrow(message);
});

test.each<[options: object, message: string]>([
  [{ minFrequency: 0 }, "minFrequency: expected an integer of at least 1, got 0"],
  [{ minFrequency: 1.5 }, "minFrequency: expected an integer"],
  [{ maxTokens: 1 }, "maxTokens: expected an integer of at least 2, got 1"],
  [{ maxTokens: 0, unkToken: false }, "maxTokens: expected an integer of at least 1, got 0"],
  [{ lowercase: "no" }, 'lowercase: expected true or false, got "no"'],
  [{ unkToken: 1 }, "unkToken: expected true or false, got 1"],
  [{ punctuation: "drop" }, 'punctuation: expected one of keep, strip, got "drop"'],
])("%o is refused", (options, message) => {
  expect(() => words("to be", options)).toThrow(OptionError);
  expect(() => words("to be", options)).toThrow(message);
});

test("a vocabulary can be created from tokens", () => {
  const vocabulary = new WordVocabulary(["<unk>", "to", "be"], { lowercase: true, punctuation: "strip" });
  expect(vocabulary.level).toBe("word");
  expect([...vocabulary.encode("To be, or")]).toEqual([1, 2, 0]);
});

test("ten sentences about networks have 117 words, 76 of them distinct", () => {
  const text = `
Deep learning is a subset of machine learning based on artificial neural networks.
We implemented an LSTM from scratch to understand how recurrent neural networks work.
The vanishing gradient problem was solved by the LSTM architecture using gates.
We are now building a next word predictor to test our understanding.
Machine learning requires data and algorithms to make predictions.
Neural networks are inspired by the human brain and its neurons.
Gradients flow backward to update the weights of the model.
The forget gate decides what information to throw away from the cell state.
The input gate decides what new information to store in the cell state.
The output gate decides what the next hidden state should be.
`;
  const vocabulary = words(text, { lowercase: true, punctuation: "strip" });
  expect(vocabulary.encode(text)).toHaveLength(117);
  expect(vocabulary.size).toBe(76);
});
