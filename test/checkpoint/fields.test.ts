import { expect, test } from "vitest";
import { backtest, createForecaster, forecast, prepareSeries } from "../../src/forecast.js";
import { characters, createModel, evaluate, LstmError, load, type Model, save, train } from "../../src/index.js";
import { Random } from "../internals/common.js";

// Every value that a checkpoint's metadata hold, replaced by what nobody wrote there: the file is refused, or what is then done
// with the model is, and what is saved of it can be loaded.

/** Replacements tried for each value: all of them with FIELDS=all. */
const TRIES = typeof process !== "undefined" && process.env["FIELDS"] === "all" ? Number.POSITIVE_INFINITY : 2;

const NONSENSE: readonly unknown[] = [
  null,
  true,
  0,
  -0,
  -1,
  0.5,
  1,
  2 ** 31,
  2 ** 53,
  1e300,
  -1e300,
  "",
  "x",
  "__proto__",
  "\u0000",
  "\ud800",
  "a".repeat(1e5),
  [],
  [null],
  [1],
  Array(1000).fill(0),
  {},
  JSON.parse(`${"[".repeat(200)}${"]".repeat(200)}`),
];

const text = "the quick brown fox jumps over the lazy dog. ".repeat(3);
const table = { a: Array.from({ length: 30 }, (_, t) => t), b: Array.from({ length: 30 }, (_, t) => Math.sin(t)) };
const series = prepareSeries(table, { columns: ["a", "b"], target: "b", window: 4 });
const options = { epochs: 1, batchSize: 2, validationFraction: 0.2, threads: 1 } as const;

async function reader(): Promise<Model> {
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 2, backend: "javascript" });
  await train(model, text, { ...options, dropout: 0.1, patience: 1 });
  return model;
}

async function forecaster(): Promise<Model> {
  const model = await createForecaster(series, { hiddenSize: 2, backend: "javascript" });
  await train(model, series.examples, { ...options, optimizer: "sgd", momentum: 0.9 });
  return model;
}

test.each<[what: string, make: () => Promise<Model>, uses: ((model: Model) => unknown)[]]>([
  ["a text", reader, [(model) => evaluate(model, text), (model) => train(model, text, { resume: true, epochs: 2 })]],
  [
    "a series",
    forecaster,
    [
      (model) => forecast(model, table, 2),
      (model) => backtest(model, table),
      (model) => train(model, series.examples, { resume: true, epochs: 2 }),
    ],
  ],
])("each value in the metadata of a model of %s", { timeout: 60_000 }, async (_, make, uses) => {
  const { header, data } = taken(save(await make()));
  const random = new Random(7);
  const wrong: string[] = [];
  for (const key of Object.keys(header.__metadata__)) {
    const whole = parsed(header.__metadata__[key]!);
    for (const path of pathsIn(whole))
      for (const nonsense of drawn(random)) {
        const changed = replaced(whole, path, nonsense);
        const metadata = {
          ...header.__metadata__,
          [key]: typeof changed === "string" ? changed : JSON.stringify(changed),
        };
        const failure = await tried(joined({ ...header, __metadata__: metadata }, data), uses);
        if (failure) wrong.push(`${[key, ...path].join(".")} = ${JSON.stringify(nonsense).slice(0, 30)}: ${failure}`);
      }
  }
  expect(wrong).toEqual([]);
});

/** What goes wrong when a file is loaded, used and saved; nothing if only errors of the library's come of it. */
async function tried(bytes: Uint8Array, uses: readonly ((model: Model) => unknown)[]): Promise<string | undefined> {
  let isLoaded = false;
  try {
    const model = await load(bytes, { backend: "javascript" });
    isLoaded = true;
    for (const use of uses)
      try {
        await use(model);
      } catch (error) {
        if (!(error instanceof LstmError)) return `using it: ${error}`;
      }
    (await load(save(model))).free();
    model.free();
  } catch (error) {
    if (isLoaded || !(error instanceof LstmError)) return String(error);
  }
  return undefined;
}

interface Header extends Record<string, unknown> {
  readonly __metadata__: Readonly<Record<string, string>>;
}

function taken(bytes: Uint8Array): { header: Header; data: Uint8Array } {
  const end = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, end))), data: bytes.subarray(end) };
}

function joined(header: Header, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The value itself, and everything in it; of long arrays the first few. */
function* pathsIn(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  yield path;
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value).slice(0, 30))
    yield* pathsIn((value as Record<string, unknown>)[key], [...path, key]);
}

function replaced(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = structuredClone(whole) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, value);
  return copy;
}

function drawn(random: Random): readonly unknown[] {
  if (TRIES >= NONSENSE.length) return NONSENSE;
  return Array.from({ length: TRIES }, () => NONSENSE[Math.floor(random.uniform() * NONSENSE.length)]);
}
