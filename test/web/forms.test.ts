import {
  CREATE_OPTIONS,
  characters,
  createModel,
  EXECUTION_OPTIONS,
  GENERATE_OPTIONS,
  MODEL_OPTIONS,
  type ModelOptions,
  TRAIN_OPTIONS,
  type TrainOptions,
  train,
} from "lstm-wasm";
import { FORECASTER_OPTIONS, prepareForecaster, TABLE_OPTIONS } from "lstm-wasm/forecast";
import { getTrainingRun } from "lstm-wasm/inspect";
import { presets, recipes } from "lstm-wasm/presets";
import { WORD_OPTIONS, words } from "lstm-wasm/words";
import { describe, expect, test } from "vitest";
import type { Content, RunInfo } from "../../web/src/common/protocol.js";
import type { TableReport } from "../../web/src/common/series.js";
import { parseNumber, step } from "../../web/src/page/elements/number-text.js";
import { fieldsOf, missingFor, placeholderOf, read, withValue } from "../../web/src/page/options/fields.js";
import { helpOf, meaningOfZero } from "../../web/src/page/options/help.js";
import { labelOf, withLabels } from "../../web/src/page/options/labels.js";
import { resumeOptions } from "../../web/src/page/options/run-fields.js";
import * as series from "../../web/src/page/series/series-form.js";
import * as text from "../../web/src/page/text/text-form.js";

const { FIELDS, INITIAL_FORM } = text;

/** The page holds short texts as a whole. */
const textOf = ({ content }: ReturnType<typeof text.configOf>) => (content as Content).text;

test("numbers are read as they are written, and nothing else is", () => {
  for (const [written, value] of [
    ["0.8", 0.8],
    [" 12 ", 12],
    [".5", 0.5],
    ["1e-8", 1e-8],
    ["-3", -3],
  ] as const)
    expect(parseNumber(written)).toBe(value);
  for (const written of ["", "0,8", "many", "0x10", "Infinity", "1 000", "e5", "."])
    expect(parseNumber(written), written).toBeUndefined();
});

test("the arrow keys step an integer by one, other numbers by a unit of the leading digit", () => {
  expect([step(25, 1, true), step(1, -1, true), step(0, -1, true)]).toEqual([26, 0, -1]);
  const up = [0.002, 0.05, 0.9, 0, 1e-8].map((value) => step(value, 1, false));
  expect(up).toEqual([0.003, 0.06, 1, 0.1, 2e-8]);
  const down = [0.01, 0.002, 1, 0.05].map((value) => step(value, -1, false));
  expect(down).toEqual([0.009, 0.001, 0.9, 0.04]);
});

test("labels come from the options' names, where there is no better one", () => {
  expect(["batchSize", "epochs", "beta2", "minLearningRate"].map((option) => labelOf(option))).toEqual([
    "Batch size",
    "Epochs",
    "Beta 2",
    "Min learning rate",
  ]);
  expect([labelOf("hiddenSize"), labelOf("maxTokens"), labelOf("maxTokens", "WORD_OPTIONS")]).toEqual([
    "Hidden units",
    "Length",
    "Vocabulary size",
  ]);
});

test("messages call options by their labels, except in what they quote", () => {
  expect(withLabels("use a smaller batchSize, or fewer threads")).toBe("use a smaller “Batch size”, or fewer threads");
  expect(withLabels('set `missing: "drop"` or `season`; leave `quantiles` out, not `this`')).toBe(
    "set “Empty cells and missing dates: Leave those rows out” or “Season length”; leave “Interval, in percent” out, not `this`",
  );
  expect(withLabels('"batchSize" is not in the vocabulary')).toBe('"batchSize" is not in the vocabulary');
  expect(withLabels("Could not read “batchSize.txt”")).toBe("Could not read “batchSize.txt”");
  expect(withLabels("a JavaScript error in useSession")).toBe("a JavaScript error in useSession");
});

describe("the fields", () => {
  test("are those of all options, except what the data settle or the page does by itself", () => {
    const tables = { ...MODEL_OPTIONS, ...WORD_OPTIONS, ...TRAIN_OPTIONS, ...CREATE_OPTIONS, ...EXECUTION_OPTIONS };
    const missing = (all: object, fields: object) => Object.keys(all).filter((option) => !(option in fields));
    const own = ["resume", "signal", "progressInterval", "processGroup"];
    const settled = ["inputSize", "classes", "outputSize"];
    expect(missing(tables, text.FIELDS).sort()).toEqual(
      [...settled, "loss", "huberDelta", "quantiles", "returnSequences", "shuffle", "stratify", ...own].sort(),
    );
    const ofTexts = ["embeddingSize", "head", "returnSequences", "sequenceLength"];
    const ofColumns = ["target", "columns", "knownFuture", "static", "date", "id", "missing"];
    expect(
      missing({ ...MODEL_OPTIONS, ...TABLE_OPTIONS, ...FORECASTER_OPTIONS, ...TRAIN_OPTIONS }, series.FIELDS).sort(),
    ).toEqual([...settled, ...ofTexts, ...ofColumns, "quantiles"].sort());
  });

  test("all say what they are for, and which numbers they take", () => {
    for (const field of [...Object.values(text.FIELDS), ...Object.values(series.FIELDS)])
      expect(helpOf(field), field.option).toMatch(/^[A-Z].*\.$/);
    const help = (option: string) => helpOf(FIELDS[option]!);
    expect(help("hiddenSize")).toBe("Hidden units per layer. From 1 to 8192.");
    expect(help("validationFraction")).toMatch(/\. From 0 to below 1\.$/);
    expect(help("learningRate")).toMatch(/\. Above 0\.$/);
    expect(help("warmupSteps")).toMatch(/\. At least 0\.$/);
    expect(help("sequenceLength")).toMatch(/; 0 reads each stream of a text as one sequence/);
    expect(help("unkToken")).toContain("“Min frequency” above 1 or “Vocabulary size”");
    const { topP } = fieldsOf("GENERATE_OPTIONS", GENERATE_OPTIONS);
    expect(helpOf(topP!)).toMatch(/\. Above 0, at most 1\.$/);
    expect(meaningOfZero(FIELDS["clipNorm"]!)).toBe("0 disables clipping by norm");
    expect(meaningOfZero(FIELDS["gradientShards"]!)).toBe("0 chooses by batch and network");
    expect(meaningOfZero(FIELDS["warmupSteps"]!)).toBeUndefined();
  });

  test("hold defaults, presets and recipes", () => {
    const { values } = INITIAL_FORM;
    expect([values["hiddenSize"], values["clipValue"], values["initialization"]]).toEqual([
      "25",
      "1",
      "xavier-uniform",
    ]);
    expect([values["layers"], values["seed"], values["threads"]]).toEqual(["1", "1", "0"]);
    const own = text.fillForm(INITIAL_FORM, "own", "default").values;
    expect([own["hiddenSize"], own["epochs"], own["clipNorm"]]).toEqual(["128", "1000", "5"]);
    const { window, hiddenSize, epochs, learningRate } = series.INITIAL_FORM.values;
    expect([window, hiddenSize, epochs, learningRate]).toEqual(["0", "32", "", "0.005"]);
  });

  test("left empty, take their defaults", () => {
    const without = (option: string, form = INITIAL_FORM) => withValue(form, option, "").values;
    const placeholder = (option: string, values = without(option)) => placeholderOf(FIELDS[option]!, FIELDS, values);
    expect(read(FIELDS, without("layers"))["layers"]).toBe(1);
    expect([placeholder("layers"), placeholder("maxTokens"), placeholder("forgetBias")]).toEqual([
      "1",
      "all",
      "automatic",
    ]);
    const adamw = withValue(INITIAL_FORM, "optimizer", "adamw");
    expect(placeholder("weightDecay", without("weightDecay", adamw))).toBe("0.01");
    expect(read(FIELDS, adamw.values)["weightDecay"]).toBe(0.01);
    const cosine = withValue(withValue(INITIAL_FORM, "schedule", "cosine"), "epochs", "7");
    expect(read(FIELDS, cosine.values)["scheduleEpochs"]).toBe(7);
    expect("forgetBias" in read(FIELDS, cosine.values)).toBe(false);
  });

  test("without effect are hidden, or say why, and are not read", () => {
    const adam = withValue(INITIAL_FORM, "optimizer", "adam").values;
    expect(missingFor(FIELDS["momentum"]!, adam)?.isHidden).toBe(true);
    expect(missingFor(FIELDS["beta1"]!, adam)).toBeUndefined();
    expect(missingFor(FIELDS["patience"]!, adam)).toEqual({
      reason: "Has no effect unless “Validation fraction” is above 0.",
      isHidden: false,
    });
    const { values } = text.fillForm(INITIAL_FORM, "next-word", "default");
    expect(missingFor(FIELDS["sequenceLength"]!, values)?.reason).toBe("Has no effect unless “Window” is 0.");
    const options = Object.keys(read(FIELDS, values));
    expect(["sequenceLength", "beta1", "patience", "momentum"].filter((name) => options.includes(name))).toEqual([
      "momentum",
    ]);
    expect(missingFor(FIELDS["punctuation"]!, values)).toBeUndefined();
    expect(missingFor(FIELDS["punctuation"]!, adam)?.isHidden).toBe(true);
  });

  test("are refused with what was typed", () => {
    const reading = (option: string, typed: string) => () =>
      read(FIELDS, withValue(INITIAL_FORM, option, typed).values);
    expect(reading("epochs", "many")).toThrow('epochs: expected an integer of at least 1, got "many"');
    expect(reading("epochs", "1,000")).toThrow('epochs: expected an integer of at least 1, got "1,000"');
    expect(reading("epochs", "1.5")).toThrow("epochs: expected an integer of at least 1, got 1.5");
    expect(reading("dropout", "0,2")).toThrow(
      'dropout: expected a number with a decimal point, such as 0.2, got "0,2"',
    );
    expect(reading("dropout", "1")).toThrow("dropout: expected a number from 0 to below 1, got 1");
    const season = withValue(series.INITIAL_FORM, "season", "yearly").values;
    expect(() => read(series.FIELDS, season)).toThrow('season: expected an integer from 1 to 1000000, got "yearly"');
  });
});

/** A run with these options, settled by the library. */
async function settled(content: string, config: { words?: object; model: ModelOptions; training: TrainOptions }) {
  const vocabulary = config.words ? words(content, config.words) : characters(content);
  const model = await createModel({ ...config.model, vocabulary, inputSize: 0, backend: "simd" });
  for await (const _ of train(model, content, config.training)) break;
  const run = { model: model.config, training: getTrainingRun(model)!.options, tokens: vocabulary.tokens };
  model.free();
  return run;
}

const WHOLE = { text: "the quick brown fox jumps over the lazy dog. ".repeat(20) };
const CASES = {
  hamlet: presets.hamlet,
  "next-word": presets["next-word"],
  own: { ...recipes.text, training: { ...recipes.text.training, epochs: 1000 }, ...WHOLE },
};

describe.each(Object.keys(CASES) as (keyof typeof CASES)[])("the form for %s", (name) => {
  const form = text.fillForm({ ...INITIAL_FORM, own: WHOLE }, name, "default");

  test("describes the command line's run", async () => {
    const config = text.configOf(form);
    expect(textOf(config)).toBe(CASES[name].text);
    expect(await settled(textOf(config), config)).toEqual(await settled(CASES[name].text, CASES[name]));
  });

  test("gives runs whose batches two threads can share, small or large", async () => {
    for (const recipe of ["small", "large"] as const) {
      const config = text.configOf(text.fillForm(form, name, recipe));
      expect((await settled(textOf(config), config)).training.gradientShards, recipe).toBe(2);
    }
  });

  test("is the same after the run was opened", async () => {
    const config = text.configOf(form);
    const { model, training } = await settled(textOf(config), config);
    const info = { kind: "text", content: config.content, model, training, level: form.values["level"] } as RunInfo;
    const opened = text.formOf(INITIAL_FORM, { ...info, ...(config.words ? { words: config.words } : {}) });
    const { training: own, ...others } = text.configOf(opened);
    const { training: before, ...expected } = config;
    expect(others).toEqual(expected);
    // The number of shards is part of a run.
    expect(own).toEqual({ ...before, gradientShards: training.gradientShards });
    const fixed = ["batchSize", "sequenceLength", "validationFraction", "optimizer", "hiddenSize", "seed", "backend"];
    const resumed = Object.keys(resumeOptions(FIELDS, opened.values));
    expect(fixed.filter((option) => resumed.includes(option))).toEqual([]);
    expect(resumeOptions(FIELDS, opened.values)).toMatchObject({ epochs: training.epochs, threads: 0 });
  });
});

test("a text of the user's gets the epochs that suit its length, until the user chooses", () => {
  let form = text.fillForm(INITIAL_FORM, "own", "default");
  form = text.withOwn(form, { text: "a".repeat(100_000) });
  expect(form.values["epochs"]).toBe("20");
  form = text.withOwn(form, { text: "a".repeat(5_000_000) });
  expect(form.values["epochs"]).toBe("10");
  form = text.withOwn(withValue(form, "epochs", "3"), { text: "a" });
  expect(form.values["epochs"]).toBe("3");
});

test("the form for series is the same after the run was opened", async () => {
  const few = { hiddenSize: "4", epochs: "1", interval: "0", transform: "none", difference: "first", testRows: "20" };
  const form: series.SeriesForm = {
    ...series.INITIAL_FORM,
    id: "shop",
    roles: { price: "past", promotion: "future", region: "static" },
    values: { ...series.INITIAL_FORM.values, ...few },
  };
  const { content, table, fitting } = series.configOf(form);
  expect(table).toEqual({ id: "shop", missing: "error", header: true });
  const wave = (rows: number) => Array.from({ length: rows }, (_, row) => 2 + Math.sin(row / 3));
  const columns = { passengers: wave(90), price: wave(90), promotion: wave(110) };
  const { forecaster, examples, training } = await prepareForecaster(
    { columns, statics: { region: "north" } },
    fitting,
  );
  const { model, settings } = forecaster;
  for await (const _ of train(model, examples, training)) break;
  const info = {
    ...{ kind: "series", content, model: model.config, training: getTrainingRun(model)!.options },
    series: { table, settings, encoding: "", isNaive: false },
  } as RunInfo;
  const opened = series.formOf(series.INITIAL_FORM, info);
  // What the library has settled is in their place.
  const { gradientShards } = info.training!;
  expect(opened).toEqual({ ...form, values: { ...form.values, window: "12", gradientShards: String(gradientShards) } });
  model.free();
});

test("an interval in percent is two quantiles, and back", () => {
  const quantiles = (interval: string) =>
    series.configOf(withValue(series.INITIAL_FORM, "interval", interval)).fitting.quantiles;
  expect([quantiles("80"), quantiles("99.5"), quantiles("0")]).toEqual([[0.1, 0.9], [0.0025, 0.9975], []]);
  expect(() => quantiles("100")).toThrow("interval: expected a percentage from 0 to below 100, got 100");
});

test("another table brings its own suggestions, which do not take the place of what was chosen", () => {
  const own = series.ownForm(series.INITIAL_FORM, { text: "…" });
  const choice = { table: { id: "shop" }, target: "sales", columns: [], knownFuture: ["promotion"], static: [] };
  const report = { choice, suggested: { season: 7, horizon: 5 } } as unknown as TableReport;
  const form = series.withSuggestions(own, report);
  expect(form).toMatchObject({ target: "sales", id: "shop", roles: { promotion: "future" } });
  expect(form.values).toMatchObject({ season: "7", horizon: "5" });
  const changed = { ...withValue(form, "season", "30"), id: undefined };
  expect(series.withSuggestions(changed, report)).toBe(changed);
});
