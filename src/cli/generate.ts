import { displayText, toJson } from "../common/show.js";
import { generate, generateSampleTokens } from "../inference/generate.js";
import { GENERATE_OPTIONS, type GenerateOptions } from "../inference/generate-options.js";
import { SAMPLES_OPTION, type SampleOptions } from "../inference/sample-options.js";
import type { Model } from "../model/model.js";
import { CREATE_OPTIONS } from "../model/options.js";
import { loadModel } from "./files.js";
import { describeFlags, type Flag, flagsOf, optionsFrom, parseFlags, required, UsageError } from "./flags.js";
import { readText, STDIN } from "./texts.js";

/** Options that have flags of other names, or none. */
const OTHERWISE = ["prompt", "maxTokens", "signal", "suppressUnk"];
/** Options for programs alone. */
const IN_PROGRAMS = ["processGroup", "onProgress"];

const OWN = {
  model: { value: "FILE", help: "checkpoint from lstm-wasm train" },
  prompt: {
    value: "TEXT",
    empty: true,
    help: "text to continue; - for standard input, without its final line break; an empty one starts a new line",
  },
  "prompt-file": { value: "FILE", help: "file with the prompt, without its final line break" },
  length: { value: "N", number: true, help: "tokens to generate (default 200)", option: "maxTokens" },
  "no-unk": { help: "never generate <unk>" },
  vocabulary: { value: "FILE", help: "JSON array of characters, for a model without a vocabulary (from PyTorch)" },
  json: { help: 'print one JSON object: {"text", "tokensPerSecond"}, without the prompt; with --samples also "texts"' },
  help: { help: "show this help" },
} as const satisfies Record<string, Flag>;

const { model, prompt, "prompt-file": promptFile, length, ...others } = OWN;
const { stop, ...sampling } = flagsOf("GENERATE_OPTIONS", GENERATE_OPTIONS, OTHERWISE);

export const GENERATE_FLAGS: typeof OWN & Record<string, Flag> = {
  ...{ model, prompt, "prompt-file": promptFile, length },
  ...sampling,
  stop: { ...stop!, many: true, help: `${stop!.help}; repeatable` },
  ...flagsOf("SAMPLES_OPTION", SAMPLES_OPTION, IN_PROGRAMS),
  ...flagsOf("CREATE_OPTIONS", CREATE_OPTIONS),
  ...others,
};

const HELP = `usage: lstm-wasm generate --model FILE --prompt TEXT [options]

Continues a text. Prints the prompt and, as it is generated, its continuation.
Lower --temperature for more predictable text, raise --repetition-penalty for less
repetition. --samples generates several texts from one prompt; another --seed gives
different ones.

options:
${describeFlags(GENERATE_FLAGS)}
`;

/** `lstm-wasm generate`. */
export async function generateCommand(args: string[]): Promise<number> {
  const flags = parseFlags(GENERATE_FLAGS, args);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const path = required("model", flags.model);
  const options: GenerateOptions = {
    ...optionsFrom(GENERATE_OPTIONS, flags, OTHERWISE),
    prompt: await promptFrom(flags.prompt, flags["prompt-file"]),
    maxTokens: flags.length,
    suppressUnk: flags["no-unk"],
  };
  const { backend } = optionsFrom(CREATE_OPTIONS, flags);
  const { samples } = optionsFrom(SAMPLES_OPTION, flags, IN_PROGRAMS);
  const model = await loadModel(path, backend, flags.vocabulary);
  await (samples === undefined
    ? printText(model, options, flags.json)
    : printSamples(model, { ...options, samples }, flags.json));
  return 0;
}

/** @throws UsageError unless there is one prompt */
async function promptFrom(prompt: string | undefined, file: string | undefined): Promise<string> {
  if (prompt !== undefined && file !== undefined)
    throw new UsageError("--prompt and --prompt-file cannot be combined: each gives the prompt");
  const path = prompt === STDIN ? STDIN : file;
  if (path === undefined) return required("prompt", prompt);
  return (await readText(path)).replace(/\r?\n$/, "");
}

/** The prompt as the model reads it. */
const shownPrompt = ({ vocabulary }: Model, { prompt, skipUnknown }: GenerateOptions): string =>
  skipUnknown ? vocabulary.filterKnown(prompt) : prompt;

async function printText(model: Model, options: GenerateOptions, json: boolean | undefined): Promise<void> {
  const write = textWriter();
  let text = "";
  let tokens = 0;
  const start = performance.now();
  for await (const piece of generate(model, options)) {
    if (!json) write(tokens === 0 ? shownPrompt(model, options) + piece : piece);
    text += piece;
    tokens++;
  }
  const tokensPerSecond = (1000 * tokens) / (performance.now() - start);
  if (tokens === 0 && !json) write(shownPrompt(model, options));
  process.stdout.write(json ? `${toJson({ text, tokensPerSecond })}\n` : "\n");
}

async function printSamples(model: Model, options: SampleOptions, json: boolean | undefined): Promise<void> {
  const start = performance.now();
  const { texts, tokens } = await generateSampleTokens(model, options);
  const seconds = (performance.now() - start) / 1000;
  if (json) process.stdout.write(`${toJson({ text: texts[0], texts, tokensPerSecond: tokens / seconds })}\n`);
  else textWriter()(`${texts.map((text) => shownPrompt(model, options) + text).join("\n---\n")}\n`);
}

/** Writes generated text to stdout: unchanged to a file or a pipe, escaped on a terminal. */
function textWriter(): (text: string) => void {
  if (!process.stdout.isTTY) return (text) => process.stdout.write(text);
  let pending = "";
  return (piece) => {
    // A carriage return may be the first half of a line break.
    const text = pending + piece;
    pending = text.endsWith("\r") ? "\r" : "";
    process.stdout.write(displayText(pending === "" ? text : text.slice(0, -1)));
  };
}
