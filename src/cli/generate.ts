import { displayText, toJson } from "../common/show.js";
import { type GenerateOptions, generate, generateSampleTokens } from "../inference/generate.js";
import type { Model } from "../model/model.js";
import { loadModel } from "./files.js";
import { describeFlags, given, parseFlags, required, type Values } from "./usage.js";

const FLAGS = {
  model: { value: "FILE", help: "a checkpoint of lstm-wasm train" },
  prompt: { value: "TEXT", help: "what the model reads first" },
  length: { value: "N", number: true, help: "characters to write (default 200)" },
  temperature: { value: "X", number: true, help: "below 1 bolder, above 1 wilder (default 1)" },
  "top-k": { value: "N", number: true, help: "draw among the N most probable characters (default: all)" },
  "top-p": { value: "X", number: true, help: "draw among the fewest that have probability X together (default 1)" },
  greedy: { help: "always the most probable character" },
  seed: { value: "N", number: true, help: "seeds the drawing (default 1)" },
  samples: { value: "N", number: true, help: "texts, written side by side with seeds of their own (default 1)" },
  stop: { value: "TEXT", help: "end once this has been written" },
  "skip-unknown": { help: "leave out what the model does not know of the prompt" },
  vocabulary: { value: "FILE", help: "a JSON array of the characters, for a model without (from PyTorch)" },
  backend: { value: "NAME", help: "as for train" },
  json: { help: 'one JSON object: {"text", "tokensPerSecond"}, without the prompt; with --samples also "texts"' },
  help: { help: "this text" },
} as const;

const HELP = `usage: lstm-wasm generate --model FILE --prompt TEXT [options]

Lets a model go on with a text. The prompt and what follows it appear on stdout
as they come.

options:
${describeFlags(FLAGS)}
`;

/** `lstm-wasm generate`. */
export async function generateCommand(args: string[]): Promise<number> {
  const flags = parseFlags(FLAGS, args);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const path = required("model", flags.model);
  const options: GenerateOptions = {
    prompt: required("prompt", flags.prompt),
    ...given<Omit<GenerateOptions, "prompt">>({
      maxTokens: flags.length,
      temperature: flags.temperature,
      topK: flags["top-k"],
      topP: flags["top-p"],
      greedy: flags.greedy,
      seed: flags.seed,
      stop: flags.stop,
      skipUnknown: flags["skip-unknown"],
    }),
  };
  const model = await loadModel(path, flags.backend, flags.vocabulary);
  await (flags.samples === undefined ? writeOne(model, options, flags.json) : writeSeveral(model, options, flags));
  return 0;
}

async function writeOne(model: Model, options: GenerateOptions, json: boolean | undefined): Promise<void> {
  const write = textWriter();
  let text = "";
  let tokens = 0;
  const start = performance.now();
  for await (const piece of generate(model, options)) {
    if (!json) write(tokens === 0 ? options.prompt + piece : piece);
    text += piece;
    tokens++;
  }
  const tokensPerSecond = (1000 * tokens) / (performance.now() - start);
  if (tokens === 0 && !json) write(options.prompt);
  process.stdout.write(json ? `${toJson({ text, tokensPerSecond })}\n` : "\n");
}

async function writeSeveral(
  model: Model,
  options: GenerateOptions,
  { samples, json }: Pick<Values<typeof FLAGS>, "samples" | "json">,
): Promise<void> {
  const start = performance.now();
  const { texts, tokens } = await generateSampleTokens(model, { ...options, ...given({ samples }) });
  const seconds = (performance.now() - start) / 1000;
  if (json) process.stdout.write(`${toJson({ text: texts[0], texts, tokensPerSecond: tokens / seconds })}\n`);
  else textWriter()(`${texts.map((text) => options.prompt + text).join("\n---\n")}\n`);
}

/**
 * Writes text that a model has made of what its vocabulary holds: into a file or a pipe as it is, on a terminal so that it
 * is only seen there.
 */
function textWriter(): (text: string) => void {
  if (!process.stdout.isTTY) return (text) => process.stdout.write(text);
  let held = "";
  return (piece) => {
    // A carriage return may be the first half of a line's end.
    const text = held + piece;
    held = text.endsWith("\r") ? "\r" : "";
    process.stdout.write(displayText(held === "" ? text : text.slice(0, -1)));
  };
}
