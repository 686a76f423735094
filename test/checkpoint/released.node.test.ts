import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { classify, parseTs } from "../../src/classify.js";
import { getForecaster, readCsv } from "../../src/forecast.js";
import { load, type Model, train } from "../../src/index.js";
import { createStream } from "../../src/stream.js";

// What a released version wrote, every later one of the same major version reads: docs/versions.md. The files come from
// scripts/release/fixtures.mjs, which each release runs once.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RELEASED = join(ROOT, "test", "fixtures", "released");
const versions = readdirSync(RELEASED);
/** Kernels may change the order of additions, and with it the last digits. */
const DIGITS = 4;

interface Expected {
  readonly text: { text: string; prompt: string; probabilities: number[]; resumedLoss: number };
  readonly int8: { probabilities: number[] };
  readonly forecast: { mean: number[] };
  readonly classes: { sequences: string; probabilities: number[][] };
}

const expectClose = (got: Iterable<number>, expected: readonly number[], digits = DIGITS): void => {
  const values = [...got];
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[i]!, digits);
};

function following(model: Model<"tokens">, prompt: string): number[] {
  const stream = createStream(model);
  return model.vocabulary.encode(prompt).reduce((_, token) => [...stream.step(token)], [] as number[]);
}

test("every released version has its files", () => {
  expect(versions).toContain("0.1.0");
  const tags = execFileSync("git", ["tag", "--list", "v*"], { cwd: ROOT, encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
  expect(versions).toEqual(expect.arrayContaining(tags.map((tag) => tag.slice(1))));
});

describe.each(versions)("checkpoints of version %s", (version) => {
  const bytes = (name: string) => readFileSync(join(RELEASED, version, name));
  const expected = JSON.parse(bytes("expected.json").toString()) as Expected;
  const backend = "simd";

  test("predict what follows a text, and resume their run", async () => {
    const { text, prompt, probabilities, resumedLoss } = expected.text;
    const model = (await load(bytes("text.safetensors"), { backend })) as Model<"tokens">;
    expectClose(following(model, prompt), probabilities);
    let loss = Number.NaN;
    for await (const { trainLoss } of train(model, text, { resume: true, epochs: 5 })) loss = trainLoss;
    expect(loss).toBeCloseTo(resumedLoss, DIGITS);
  });

  test("with int8 weights predict the same", async () => {
    const model = (await load(bytes("int8.safetensors"), { backend })) as Model<"tokens">;
    expectClose(following(model, expected.text.prompt), expected.int8.probabilities);
  });

  test("forecast", async () => {
    const {
      series: [table],
    } = readCsv(readFileSync(join(ROOT, "examples", "airline-passengers.csv"), "utf8"), { columns: ["passengers"] });
    const forecaster = getForecaster(await load(bytes("forecast.safetensors"), { backend }));
    // In passengers, of which there are some hundreds.
    expectClose((await forecaster.predict(table!)).mean, expected.forecast.mean, 1);
  });

  test("tell classes apart", async () => {
    const { sequences, probabilities } = expected.classes;
    const model = await load(bytes("classes.safetensors"), { backend });
    const classified = await classify(model, parseTs(sequences));
    expect(classified).toHaveLength(probabilities.length);
    for (const [i, found] of classified.entries()) expectClose(found.probabilities, probabilities[i]!);
  });
});
