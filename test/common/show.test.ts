import { describe, expect, test } from "vitest";
import { InputError, OptionError, UnknownTokenError } from "../../src/index.js";
import { display, displayText, listNames, quote, show, toJson } from "../internals/common.js";
import { ACTIVE, FORBIDDEN } from "./forbidden.js";

describe("text with terminal control characters", () => {
  test.each([
    ["display", display],
    ["displayText", displayText],
    ["quote", quote],
    ["show", show],
    ["toJson", toJson],
  ])("is escaped by %s, every character", (name, shown) => {
    for (const character of ACTIVE) {
      expect(character).toMatch(FORBIDDEN);
      if (name === "displayText" && /[\n\t]/.test(character)) continue;
      expect(shown(`a${character}b`), character.codePointAt(0)!.toString(16)).not.toMatch(FORBIDDEN);
      expect(shown(`a${character}b`)).toMatch(/\\(u[0-9a-f]{4}|[bfnrt])/);
    }
  });

  test("keeps its value as JSON", () => {
    const value = { [ACTIVE.join("")]: ACTIVE };
    expect(JSON.parse(toJson(value))).toEqual(value);
  });

  test("is escaped in the message of every error, which is one line", () => {
    for (const error of [
      new InputError("a\u001b]0;title\u0007\nlstm-wasm: forged"),
      new OptionError("scaling", "one", "\u009b31m\u202e"),
      new UnknownTokenError("\u202e", 0),
    ])
      expect(error.message).not.toMatch(FORBIDDEN);
    expect(new UnknownTokenError("\u202e", 0).message).toMatch(/^"\\u202e" \(U\+202E\)/);
  });
});

test("letters of all scripts, emoji and their joiners, and backslashes are left alone", () => {
  const text = "Grüße, שלום, नमस्ते, 👩‍🚀, C:\\new";
  expect(display(text)).toBe(text);
  expect(displayText(text)).toBe(text);
  expect(quote("Grüße, 👩‍🚀")).toBe('"Grüße, 👩‍🚀"');
});

test("line breaks of all kinds are kept, and a lone carriage return is escaped", () => {
  expect(displayText("a\r\nb\n\tc\rd")).toBe("a\nb\n\tc\\rd");
});

test("messages are short, whatever they quote", () => {
  const long = "😀".repeat(1e6);
  expect(quote(long)).toBe(`"${"😀".repeat(30)}"…`);
  expect(quote(`a${long}`)).toBe(`"a${"😀".repeat(29)}"…`);
  expect(display(`a${long}`, 4)).toBe("a😀…");
  expect(new OptionError("seed", "a number", long).message.length).toBeLessThan(150);
  expect(new InputError(long).message.length).toBeLessThan(2100);
});

test("arrays and objects are not expanded, however deep", () => {
  let deep: unknown = [];
  for (let depth = 0; depth < 1e5; depth++) deep = [deep];
  expect([deep, { deep }, null, undefined, 7n, -0, "x"].map(show)).toEqual([
    "an array",
    "an object",
    "null",
    "undefined",
    "7n",
    "0",
    '"x"',
  ]);
});

describe("names in place of an unknown one", () => {
  test("are listed with the most similar first", () => {
    expect(listNames(["month", "year", "Passengers", "rain"], "passenger")).toMatch(/^"Passengers", /);
    expect(listNames([], "x")).toBe("none");
  });

  test("are limited to ten, with the number of the others", () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
    const list = listNames(names, "c4711x");
    expect(list).toMatch(/^"c4711", /);
    expect(list).toMatch(/ and 99990 more$/);
    expect(list.split(", ")).toHaveLength(10);
  });
});
