import { execFile, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { characters, createModel, load, save, train } from "../src/index.js";
import { MAIN } from "./cli/run.js";
import { withMore } from "./full.js";
import { HAMLET } from "./internals/presets.js";
import { blocksOf } from "./markdown.js";

// The examples of the documents as they stand there, on small files and for few epochs: whatever is added is run as well.

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LIMIT = 60_000;
/** What the command line knows; every other job is to be a script of package.json. */
const COMMANDS = [
  "sweep",
  "train",
  "generate",
  "evaluate",
  "predict",
  "forecast",
  "backtest",
  "detect",
  "inspect",
  "convert",
];
/** Every prompt of ASCII characters can be given. */
const ASCII = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i));
const BOOK = `${HAMLET.slice(0, 300)}\n${ASCII}\n`.repeat(2);
/** In place of the archive's Japanese Vowels. */
const SEQUENCES = `@classLabel true 1 2\n@data\n${"1,2,3:4,5,6:1\n3,2:5,4:2\n1,2:4,5:1\n1,2:4,5:2\n".repeat(5)}`;
const STEPS = `run,gesture,x\n${Array.from({ length: 30 }, (_, i) => `${i >> 1},${i & 2 ? "wave" : "nod"},${i % 5}\n`).join("")}`;
/** Five years of months. */
const SALES = `month,sales\n${Array.from({ length: 60 }, (_, i) => `${2020 + Math.floor(i / 12)}-${String(1 + (i % 12)).padStart(2, "0")},${Math.round(100 + i + 20 * Math.sin((i * Math.PI) / 6))}\n`).join("")}`;
/** With a reading that is missing. */
const SENSORS = `time,temperature,humidity,load\n${Array.from({ length: 120 }, (_, i) => `${new Date(9e5 * i).toISOString()},${i === 50 ? "" : (20 + 5 * Math.sin(i / 4)).toFixed(2)},${60 - (i % 7)},${i % 24}\n`).join("")}`;

const execute = promisify(execFile);
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };
const folder = mkdtempSync(join(tmpdir(), "lstm-wasm-documents-"));
for (const name of ["book.txt", "page.txt", "other.txt"]) writeFileSync(join(folder, name), BOOK);
for (const part of ["TRAIN", "TEST"]) writeFileSync(join(folder, `JapaneseVowels_${part}.ts`), SEQUENCES);
writeFileSync(join(folder, "steps.csv"), STEPS);
writeFileSync(join(folder, "sales.csv"), SALES);
writeFileSync(join(folder, "sensors.csv"), SENSORS);
symlinkSync(join(ROOT, "examples"), join(folder, "examples"), "junction");
const models = join(ROOT, "test", "fixtures", "convert");
symlinkSync(join(models, "ml5"), join(folder, "charrnn"), "junction");
copyFileSync(join(models, "pytorch-tokens.pt"), join(folder, "network.pt"));
mkdirSync(join(folder, "node_modules"));
symlinkSync(ROOT, join(folder, "node_modules", "lstm-wasm"), "junction");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The command lines in a document's shell blocks and in its text, each once. */
function commandsIn(markdown: string): string[] {
  const lines = blocksOf(markdown)
    .filter(({ language }) => language === "sh")
    .flatMap(({ code }) =>
      code
        .replaceAll(/\\\n\s*/g, "")
        .trim()
        .split("\n"),
    );
  const prose = markdown.replaceAll(/^```.*?^```$/gms, "");
  const inProse = [...prose.matchAll(/`((?:npm run|npx lstm-wasm|lstm-wasm) [^`…]+)`/g)].map(([, line]) => line!);
  const whole = [...lines, ...inProse].flatMap((line) => line.replace(/\s+#.*$/, "").split("&&"));
  return [...new Set(whole.map((line) => line.trim().replaceAll(/\s+/g, " ")))];
}

/** The last column of each table that is headed by our name: the lines of a program. */
function programsInTables(markdown: string): string[] {
  const tables = markdown.matchAll(/^\|[^\n]*\| lstm-wasm \|\n\| ---.*\n((?:\|.*\n)+)/gm);
  const line = (row: string) => row.match(/\| `([^`]+)` \|$/)?.[1] ?? `throw new Error(${JSON.stringify(row)})`;
  return [...tables].map(([, rows]) => rows!.trimEnd().split("\n").map(line).join("\n"));
}

const wordsOf = (line: string) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);

/** What a command line makes the program do, for an epoch where it trains, or one more. */
function shortened(line: string): string[] | undefined {
  const [, rest] = line.match(/^(?:npm run|npx lstm-wasm|lstm-wasm) (.*)$/) ?? [];
  if (rest === undefined) return undefined;
  const args = wordsOf(line.startsWith("npm run") ? rest.replace(" -- ", " ") : rest);
  if (!COMMANDS.includes(args[0]!)) return undefined;
  if (args.join() === "sweep") return ["sweep", "--help"];
  if (args[0] === "sweep") return args.map((word, i) => ({ "--trials": "2", "--epochs": "1" })[args[i - 1]!] ?? word);
  if (args[0] !== "train" || args.includes("--help")) return args;
  const at = args.indexOf("--epochs");
  if (at >= 0) args.splice(at, 2);
  return [...args, "--epochs", args.includes("--resume") ? "2" : "1"];
}

const DOCUMENTS = withMore(
  ["README.md", "docs/streams.md"],
  ["text", "convert", "comparison", "migration", "numbers", "sequences", "serving", "sweeps"].map(
    (name) => `docs/${name}.md`,
  ),
);

describe.each(DOCUMENTS)("%s", (path) => {
  const markdown = readFileSync(join(ROOT, path), "utf8");
  const blocks = blocksOf(markdown);

  // In the order of the text: a model is trained before it is used.
  test.each(commandsIn(markdown))("$ %s", { timeout: LIMIT }, async (line) => {
    const args = shortened(line);
    if (args) await execute(process.execPath, [MAIN, ...args], { cwd: folder });
    const [program, first, second] = wordsOf(line);
    // What a package's installation gives is for the tests of its consumers.
    if (program === "npm" && first !== "install")
      expect(Object.keys(scripts)).toContain(first === "run" ? second : first);
    // These are run by the tests of the examples.
    if (program === "node") expect([ROOT, folder].some((root) => existsSync(join(root, first!)))).toBe(true);
  });

  const programs = [
    ...blocks.filter(({ language }) => language === "js").map(({ code }) => code),
    ...programsInTables(markdown),
  ];
  test.each(programs.map((code, i) => [i, code] as const))("program %i", { timeout: LIMIT }, async (i, code) => {
    writeFileSync(join(folder, "given.mjs"), GIVEN);
    const program = join(folder, `${path.replaceAll(/\W/g, "-")}-${i}.mjs`);
    writeFileSync(
      program,
      code
        .replaceAll(/\bepochs: (\d+)/g, (_, epochs) => `epochs: ${Math.ceil(epochs / 10)}`)
        .replaceAll(/"--epochs", "\d+"/g, '"--epochs", "3"')
        .replace("trials: 30", "trials: 2"),
    );
    const { stdout, stderr } = await execute(process.execPath, ["--import", "./given.mjs", program], { cwd: folder });
    expect(stdout).not.toBe("");
    expect(stdout).not.toMatch(/NaN|undefined/);
    expect(stderr).toBe("");
  });

  const python = blocks.filter(({ language, file }) => language === "python" && !file);
  const torch = python.length > 0 && hasTorch();
  test.skipIf(!torch).each(python.map(({ code }, i) => [i, code] as const))(
    `PyTorch program %i${torch ? "" : " (SKIPPED: python3 has no torch and safetensors here)"}`,
    { timeout: LIMIT },
    async (_, code) => {
      await execute(PYTHON, ["-c", `${NETWORK}${code}${COMPARISON}`], { cwd: folder });
    },
  );

  const toKeras = blocks.find(({ file }) => file === "to_keras.py");
  const keras = toKeras !== undefined && hasKeras();
  if (toKeras)
    test.skipIf(!keras)(
      `weights go from Keras and back${keras ? "" : " (SKIPPED: python3 has no keras and safetensors here)"}`,
      { timeout: 2 * LIMIT },
      async () => {
        const python = (code: string) => execute(PYTHON, ["-c", code], { cwd: folder, env: KERAS });
        const parameters = async (from: string) => {
          await execute(process.execPath, [MAIN, "convert", from, "model.safetensors", "--weights-only"], {
            cwd: folder,
          });
          return readFileSync(join(folder, "model.safetensors"));
        };
        await python(MAKE_KERAS);
        const before = await parameters("model.keras");
        const model = await load(before);
        await train(model, [{ inputs: [[1, 2, 3]], targets: [[4]] }], { epochs: 2 });
        const trained = save(model, { training: false });
        writeFileSync(join(folder, "model.safetensors"), trained);
        await python(toKeras!.code);
        const after = await load(await parameters("trained.keras"));
        for (const { name } of model.tensors) expect(after.tensor(name)).toEqual(model.tensor(name));
        expect(after.tensor("linear.bias")).not.toEqual((await load(before)).tensor("linear.bias"));
      },
    );

  const models = [...markdown.matchAll(/\| `(createModel\(.+?\))` \|/g)].map(([, call]) => call!);
  test.each(models)("%s", async (call) => {
    const make = new Function("createModel", "vocabulary", "W", `return ${call}`);
    const model = (await make(createModel, characters("ab"), 3)) as Awaited<ReturnType<typeof createModel>>;
    expect(model.parameterCount).toBeGreaterThan(0);
    model.free();
  });
});

/** What programs take as given. */
const GIVEN = `
  import { readFileSync } from "node:fs";
  globalThis.text = readFileSync("book.txt", "utf8");
  const [, ...rows] = readFileSync("examples/airline-passengers.csv", "utf8").trimEnd().split("\\n");
  globalThis.passengers = rows.map((row) => Number(row.split(",").at(-1)));
`;

const PYTHON = process.env["PYTHON"] ?? "python3";
const hasTorch = () => spawnSync(PYTHON, ["-c", "import torch, safetensors"]).status === 0;

const KERAS = { ...process.env, KERAS_BACKEND: "torch" };
/** Whether they are there, without the seconds that importing them takes. */
const KERAS_IS_THERE =
  "from importlib.util import find_spec as f; exit(not all(map(f, ['keras', 'torch', 'safetensors'])))";
const hasKeras = () => spawnSync(PYTHON, ["-c", KERAS_IS_THERE]).status === 0;
const MAKE_KERAS = `
import keras
from keras import layers
lstms = [layers.LSTM(5, return_sequences=True), layers.LSTM(5)]
keras.Sequential([keras.Input((None, 3)), *lstms, layers.Dense(1)]).save("model.keras")
`;

/** A network of the shapes that the checkpoint has. */
const NETWORK = `
import torch
from safetensors import safe_open

with safe_open("book.safetensors", "pt") as file:
    tensors = {name: file.get_tensor(name) for name in file.keys()}
outputs, hidden = tensors["linear.weight"].shape
layers = sum(name.startswith("lstm.weight_ih_l") for name in tensors)
network = torch.nn.Module()
network.lstm = torch.nn.LSTM(outputs, hidden, layers)
network.linear = torch.nn.Linear(hidden, outputs)
`;
const COMPARISON = `
for name, value in network.state_dict().items():
    assert torch.equal(value, tensors[name]), name
`;
