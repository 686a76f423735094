import type { Random } from "../internals/common.js";

/**
 * A copy of a safetensors file with one to three random faults, some of which leave it valid. Half of them know nothing
 * of the format; the others edit the header's text and set its length accordingly, and so get past the first checks.
 */
export function mutate(file: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = new Uint8Array(file);
  for (let faults = 1 + below(random, 3); faults > 0; faults--) {
    bytes = pick(random, [pick(random, BLIND), inHeader])(bytes, random);
  }
  return bytes;
}

/** A copy of any file with one to three random faults, which know nothing of its format. */
export function mutateBlindly(file: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = new Uint8Array(file);
  for (let faults = 1 + below(random, 3); faults > 0; faults--) bytes = pick(random, ANYWHERE)(bytes, random);
  return bytes;
}

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const ANYWHERE: readonly Mutation[] = [
  /** Bits flipped. */
  (bytes, random) => {
    for (let flips = bytes.length && 1 + below(random, 8); flips > 0; flips--) {
      bytes[below(random, bytes.length)]! ^= 1 << below(random, 8);
    }
    return bytes;
  },
  /** Cut short. */
  (bytes, random) => bytes.subarray(0, below(random, bytes.length)),
  /** Made longer. */
  (bytes, random) => join(bytes, noise(random)),
  /** A range written over another. */
  (bytes, random) => {
    const [begin, end] = range(bytes, random);
    return bytes.copyWithin(below(random, bytes.length), begin, end);
  },
  /** A range twice. */
  (bytes, random) => {
    const [begin, end] = range(bytes, random);
    return join(bytes.subarray(0, end), bytes.subarray(begin));
  },
  /** A range replaced by something else. */
  (bytes, random) => {
    const [begin, end] = range(bytes, random);
    return join(bytes.subarray(0, begin), noise(random), bytes.subarray(end));
  },
];

const BLIND: readonly Mutation[] = [
  ...ANYWHERE,
  /** Another header length. */
  (bytes, random) => {
    if (bytes.length < 8) return bytes;
    const length = headerLength(bytes);
    const near = [-8, -1, 1, 8].map((change) => length + BigInt(change));
    const lengths = [...near, 0n, BigInt(bytes.length), 100_000_000n, 2n ** 32n + length, 2n ** 53n, 2n ** 64n - 1n];
    setHeaderLength(bytes, pick(random, lengths));
    return bytes;
  },
];

// Patterns of tokens, each with one group around the whole: so `split` keeps the tokens.
const NUMBER = /(\d+)/;
const STRING = /("(?:[^"\\]|\\.)*")/s;
const FIELD = /("\w*":(?:"[^"]*"|\[[^\]]*\]))/;
const TENSOR = /("[^"]*":\{[^{}]*\})/;
const TOKEN = /([[\]{}:,]|\d+|"(?:[^"\\]|\\.)*")/s;

const NUMBERS = (
  "0 1 2 3 4 8 255 4294967295 4294967296 9007199254740991 9007199254740992 18446744073709551616 " +
  "1e3 1e999 1.0 -0 -1 01 0x1 +1 NaN null true"
).split(" ");

const STRINGS = [
  ...["", "a", "F32", "F16", "BF16", "I64", "U8", "C64", "dtype", "shape", "data_offsets", "__metadata__", "__proto__"],
  ...["constructor", "toString", "\u0000", "\ud83d", "😀", "\ufeff", "x".repeat(5000)],
].map((text) => JSON.stringify(text));
STRINGS.push('"\\u00"', '"\\x"', '"\n"', '"', '"\\"', "[]", "{}", "0");

/** Changes to the tokens of a kind, mostly to the one at `i`. */
const CHANGES: readonly (readonly [RegExp, Change])[] = [
  [NUMBER, swap],
  [STRING, swap],
  [FIELD, swap],
  [TENSOR, swap],
  [
    NUMBER,
    (tokens, i, random) => {
      tokens[i] = pick(random, NUMBERS);
    },
  ],
  [
    STRING,
    (tokens, i, random) => {
      tokens[i] = pick(random, STRINGS);
    },
  ],
  [FIELD, repeat],
  [TENSOR, repeat],
  [
    TOKEN,
    (tokens, i) => {
      tokens[i] = "";
    },
  ],
  [
    TOKEN,
    (tokens, i, random) => {
      tokens[i] += pick(random, [" ", "\r\n\t ", "\u00a0", "\ufeff", "\u0000", "//"]);
    },
  ],
  /** Deep nesting, closed or not. */
  [
    TOKEN,
    (tokens, i, random) => {
      const depth = 2 ** below(random, 15);
      const [open, close] = pick(random, [
        ["[", "]"],
        ['{"a":', "}"],
      ] as const);
      tokens[i] = open.repeat(depth) + tokens[i] + close.repeat(pick(random, [depth, 0]));
    },
  ],
];

type Change = (tokens: string[], i: number, random: Random) => void;

/** A text of JSON with one fault in its tokens. */
export function changeJson(text: string, random: Random): string {
  const [pattern, change] = pick(random, CHANGES);
  const parts = text.split(pattern);
  const tokens = parts.filter((_, i) => i % 2 === 1);
  if (tokens.length === 0) return text;
  change(tokens, below(random, tokens.length), random);
  return parts.map((part, i) => (i % 2 === 1 ? tokens[(i - 1) / 2] : part)).join("");
}

/** A fault in the header's tokens. */
const inHeader: Mutation = (bytes, random) => {
  if (bytes.length < 8) return bytes;
  const end = Number(8n + headerLength(bytes));
  const header = new TextEncoder().encode(changeJson(new TextDecoder().decode(bytes.subarray(8, end)), random));
  const mutated = join(bytes.subarray(0, 8), header, bytes.subarray(end));
  setHeaderLength(mutated, BigInt(header.length));
  return mutated;
};

function swap(tokens: string[], i: number, random: Random): void {
  const j = below(random, tokens.length);
  [tokens[i], tokens[j]] = [tokens[j]!, tokens[i]!];
}

function repeat(tokens: string[], i: number, random: Random): void {
  tokens[i] += `,${pick(random, tokens)}`;
}

function headerLength(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}

function setHeaderLength(bytes: Uint8Array, length: bigint): void {
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, length, true);
}

/** Begin and end of a part of the bytes, more often short than long. */
function range(bytes: Uint8Array, random: Random): [begin: number, end: number] {
  const begin = below(random, bytes.length);
  return [begin, Math.min(bytes.length, begin + below(random, 2 ** below(random, 12)))];
}

function noise(random: Random): Uint8Array {
  return Uint8Array.from({ length: below(random, 2 ** below(random, 7)) }, () => random.next());
}

export function join(...parts: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let position = 0;
  for (const part of parts) {
    joined.set(part, position);
    position += part.length;
  }
  return joined;
}

/** A whole number from 0 to `limit` − 1, or 0 if there is none. The slight unevenness does not matter here. */
export function below(random: Random, limit: number): number {
  return limit > 0 ? random.next() % limit : 0;
}

export function pick<T>(random: Random, values: readonly T[]): T {
  return values[below(random, values.length)]!;
}
