import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { characters, createModel, generate, load, train } from "lstm-wasm";
import { toSafetensors } from "lstm-wasm/convert";
import { getTrainingRun } from "lstm-wasm/inspect";
import { presets } from "lstm-wasm/presets";
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { FULL } from "../full.js";
import {
  byTestId,
  downloadCheckpoint,
  fill,
  noBrowser,
  noChromium,
  notInDetail,
  press,
  skipped,
  skippedByOthers,
  trainForLong,
  untilEpoch,
  useBrowser,
} from "./visit.js";

// Models of other programs, and models without their text, by the file button and by drag and drop.

const visit = useBrowser();
const FIXTURES = fileURLToPath(new URL("../fixtures/convert/", import.meta.url));
const fixture = (name: string) => join(FIXTURES, name);
const inFolder = (name: string, pattern = /./) =>
  readdirSync(fixture(name))
    .filter((file) => pattern.test(file))
    .map((file) => fixture(join(name, file)));

/** Chooses files in the control for checkpoints. */
const choose = (page: Page, ...paths: string[]) => page.getByLabel("Checkpoint file").first().setInputFiles(paths);

/** Drops files or folders on the page, as a file manager does. */
async function drop(page: Page, ...files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await session.send("Input.dispatchDragEvent", { type, x: 300, y: 120, data });
}

const refusal = (page: Page, text: RegExp) => page.getByRole("alert").filter({ hasText: text }).waitFor();

/** The numbers of the first row of outputs. */
async function predicted(page: Page, inputs: string): Promise<number[]> {
  await fill(page, "Inputs", inputs);
  await press(page, "Predict");
  const cells = byTestId(page, "prediction").locator("tbody tr").first().locator("td");
  await cells.first().waitFor();
  return (await cells.allTextContents()).map((text) => Number(text.replace("−", "-")));
}

const oracle = (file: string, name: string) =>
  JSON.parse(readFileSync(fixture(file), "utf8"))[name] as { inputs: number[] | number[][]; outputs: number[] };

const VALUES = [
  ["Keras", "keras-last-value.keras", "keras.json", "last-value"],
  ["Keras in HDF5", "keras-last-value.h5", "keras.json", "last-value"],
  ["PyTorch", "pytorch-three-layers.pt", "pytorch.json", "three-layers"],
  ["safetensors of others", "pytorch-three-layers.safetensors", "pytorch.json", "three-layers"],
  ["ONNX", "onnx-stateful.onnx", "onnx.json", "stateful"],
] as const;

test.skipIf(noBrowser)(`models of values predict what their frameworks do${skipped}`, async () => {
  const { page, pageErrors } = await visit();
  for (const [what, file, oracles, name] of VALUES) {
    await choose(page, fixture(file));
    await page.getByRole("heading", { name: "Predict" }).waitFor();
    const { inputs, outputs } = oracle(oracles, name);
    const rows = (Array.isArray(inputs[0]) ? inputs : [inputs]) as number[][];
    const found = await predicted(page, rows.map((row) => row.join(" ")).join("\n"));
    for (const [i, value] of found.entries()) expect(Math.abs(value - outputs[i]!), what).toBeLessThan(1e-4);
    await press(page, "Reset");
    await page.getByRole("heading", { name: "Generate text" }).waitFor();
  }
  expect(pageErrors).toEqual([]);
});

test.skipIf(noChromium)(`a dropped model refuses inputs that it cannot read${skippedByOthers}`, async () => {
  const { page } = await visit();
  await drop(page, fixture("onnx-stateful.onnx"));
  await page.getByRole("heading", { name: "Predict" }).waitFor();
  await fill(page, "Inputs", "1 2");
  await press(page, "Predict");
  await refusal(page, /^Line 1: expected \d numbers, got 2\.$/);
});

test.skipIf(notInDetail)(`a TensorFlow.js model and its shards are chosen together${skipped}`, async () => {
  const { page } = await visit();
  await choose(page, fixture("tensorflowjs/tagger.json"));
  await refusal(page, /^Could not open this file\. Tagger-1of3\.bin: .* Choose all files of the model at once/i);
  await choose(page, ...inFolder("tensorflowjs", /^tagger/));
  await page.getByText("The model reads a text of the 9 tokens that it knows").waitFor();
  const { inputs, outputs } = oracle("tensorflowjs.json", "tagger");
  const found = await predicted(page, (inputs as number[]).join(" "));
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(outputs[i]!, 3);
});

test.skipIf(noChromium)(`a folder with an ml5 charRNN is dropped, and generates${skippedByOthers}`, async () => {
  const { page, pageErrors } = await visit();
  await drop(page, fixture("ml5"));
  await page.getByText('entry 1, "  ", is damaged: read as u').waitFor();
  // What the text above does not have of its characters, it writes itself.
  await page.getByRole("radiogroup", { name: "View" }).waitFor();
  await press(page, "Generate");
  await page.getByRole("button", { name: "Generate", disabled: false }).waitFor();
  expect(await byTestId(page, "generated").textContent()).toMatch(/^[eutUbo ]{300,}$/);
  expect(pageErrors).toEqual([]);
});

test.skipIf(noChromium || !FULL)(
  `language models by numbers generate, dropped one by one${skippedByOthers}`,
  async () => {
    const { page } = await visit();
    for (const file of ["pytorch-tokens.pt", "onnx-tokens.onnx", "pytorch-tokens.safetensors"]) {
      await drop(page, fixture(file));
      await page.waitForFunction(() => document.querySelector<HTMLInputElement>(".prompt")!.value !== "to be");
      await fill(page, "Prompt", "3 0");
      await press(page, "Generate");
      await page.getByRole("button", { name: "Generate", disabled: false }).waitFor();
      expect(await byTestId(page, "generated").textContent(), file).toMatch(/^3 0( \d){100}/);
      await press(page, "Reset");
      await page.getByRole("button", { name: "Train", exact: true }).waitFor();
      await page.reload();
    }
  },
);

const REFUSED = [
  ["refused-gru.keras", /^Could not open this file\. Gru: a layer of class "GRU" cannot be brought over here/],
  ["refused-gru.safetensors", /^Could not open this file\. Weight_hh_l0: .*as of a GRU/],
  ["refused-module.pt", /an object of "torch\.nn\.modules\.rnn\.LSTM": save the state_dict\(\) alone/],
  ["refused-loop.onnx", /an operator "Loop" that cannot be brought over here/],
  ["refused-old.pt", /a pickle, as PyTorch wrote before 1\.6/],
  ["tensorflowjs/refused-hard.json", /refused-hard\.bin: it belongs to the model/i],
  ["from_keras.py", /its format is not known; expected safetensors, a \.pt of PyTorch/],
] as const;

test.skipIf(noChromium || !FULL)(
  `what cannot be brought over says why, and the run stays${skippedByOthers}`,
  async () => {
    const { page } = await visit();
    await fill(page, "Epochs", "3");
    await press(page, "Train");
    await byTestId(page, "accuracy").waitFor();
    for (const [file, message] of REFUSED) {
      await choose(page, fixture(file));
      await refusal(page, message);
    }
    for (const name of ["pytorch-tokens.pt", "keras-tagger.keras", "keras-tagger.h5", "onnx-tokens.onnx"]) {
      const whole = readFileSync(fixture(name));
      const damaged = whole.subarray(0, Math.floor(whole.length / 2));
      await page
        .getByLabel("Checkpoint file")
        .setInputFiles({ name: basename(name), mimeType: "application/octet-stream", buffer: damaged });
      await refusal(page, /^Could not open this file\. .{20}/);
    }
    expect(await byTestId(page, "accuracy").count()).toBe(1);
    // While a run is under way, nothing replaces it.
    await press(page, "Reset");
    await trainForLong(page);
    await untilEpoch(page, 3);
    await drop(page, fixture("ml5"));
    await refusal(page, /^A run is under way: pause it/);
  },
);

test.skipIf(notInDetail)(`a model with int8 weights generates the text that Node does${skipped}`, async () => {
  const { text } = presets.hamlet;
  const model = await createModel({ vocabulary: characters(text), hiddenSize: 16, seed: 2 });
  for await (const _ of train(model, text, { epochs: 20, learningRate: 0.05 }));
  const bytes = toSafetensors(model, { dtype: "int8" });
  let expected = "to be";
  for await (const token of generate(await load(bytes), { prompt: "to be", maxTokens: 100, topK: 1 }))
    expected += token;
  const { page, pageErrors } = await visit();
  await page.getByLabel("Checkpoint file").setInputFiles({
    name: "tiny.safetensors",
    mimeType: "application/octet-stream",
    buffer: Buffer.from(bytes),
  });
  await byTestId(page, "host").filter({ hasText: "parameters" }).waitFor();
  await fill(page, "Top-k", "1");
  await fill(page, "Length", "100");
  await press(page, "Generate");
  await page.getByRole("button", { name: "Generate", disabled: false }).waitFor();
  expect(await byTestId(page, "generated").textContent()).toBe(expected);
  expect(pageErrors).toEqual([]);
});

test.skipIf(noChromium || !FULL)(`a network of another program is trained on${skippedByOthers}`, async () => {
  const { page } = await visit();
  await page.locator("[role=tabpanel]:visible").getByLabel("Text", { exact: true }).selectOption("own");
  await fill(page, "Your own text", "she sells sea shells. ".repeat(60));
  await drop(page, fixture("ml5"));
  await press(page, "Train this one");
  await refusal(page, /^The model knows only \d+ % of the text’s characters/);
  await press(page, "Reset");
  await page.getByRole("button", { name: "Train", exact: true }).waitFor();
  await fill(page, "Your own text", "tube to bob bet ".repeat(60));
  await drop(page, fixture("ml5"));
  await page.getByRole("button", { name: "Train this one" }).waitFor();
  await fill(page, "Epochs", "4");
  await press(page, "Train this one");
  await byTestId(page, "accuracy").waitFor();
  const model = await load(await downloadCheckpoint(page));
  expect(model.config).toMatchObject({ layers: 2, hiddenSize: 5 });
  expect(getTrainingRun(model)).toMatchObject({ epoch: 4 });
  expect(model.vocabulary.size).toBe(7);
});

/** What ml5 has published; CONTRIBUTING.md says where it is from. */
const PUBLISHED = join(process.env["MODELS"] ?? "", "charrnn-shakespeare");
const hasPublished = process.env["MODELS"] !== undefined && existsSync(PUBLISHED);

test.skipIf(noChromium || !hasPublished)(
  `ml5's Shakespeare is dropped as its folder, and writes verse${hasPublished ? skippedByOthers : " (SKIPPED: not in the folder that MODELS names)"}`,
  async () => {
    const { page } = await visit();
    await drop(page, PUBLISHED);
    await page.getByText("entry 13,").waitFor();
    await page.getByText("From the text that is chosen above").waitFor();
    await fill(page, "Prompt", "ROMEO:");
    await fill(page, "Temperature", "0.5");
    await press(page, "Generate");
    await page.getByRole("button", { name: "Generate", disabled: false }).waitFor();
    expect(await byTestId(page, "generated").textContent()).toMatch(/^ROMEO:.*\b(the|and|you)\b.*\n/s);
  },
);
