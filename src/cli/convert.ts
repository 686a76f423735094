import { dirname, join } from "node:path";
import { CheckpointError } from "../checkpoint/checkpoint-error.js";
import type { Bytes, BytesSource } from "../checkpoint/safetensors/bytes.js";
import { InputError } from "../common/errors.js";
import { settle } from "../common/options.js";
import { display } from "../common/show.js";
import { ConversionError } from "../convert/conversion-error.js";
import { IMPORT_OPTIONS, importModel } from "../convert/import.js";
import { SAFETENSORS_OPTIONS, toSafetensors } from "../convert/safetensors.js";
import { ONNX_OPTIONS, toOnnx } from "../convert/to-onnx.js";
import type { Model } from "../model/model.js";
import { NO_STREAMS, readBytes, readVocabulary, withSource } from "./files.js";
import { describeFlags, flagsOf, optionsFrom, parseFlags, UsageError, type Values } from "./flags.js";
import { refuseSameFiles, shownPath } from "./paths.js";
import { checkWritable, writeWhole } from "./write.js";

/** Options of the library that are flags of another kind, or none. */
const APART = ["vocabulary", "classes", "backend", "beside", "onNote"];

export const CONVERT_FLAGS = {
  ...flagsOf("IMPORT_OPTIONS", IMPORT_OPTIONS, APART),
  vocabulary: { value: "FILE", help: "JSON array of characters, for a file without its tokens" },
  classes: { value: "NAMES", help: "names of the classes, separated by commas, for sequence classification" },
  ...flagsOf("SAFETENSORS_OPTIONS", SAFETENSORS_OPTIONS),
  ...flagsOf("ONNX_OPTIONS", ONNX_OPTIONS),
  help: { help: "show this help" },
} as const;

const HELP = `usage: lstm-wasm convert IN OUT [options]

Makes a checkpoint of another program's model, which can then be trained further
and used like any other, or writes a model for other programs.

IN   a checkpoint of lstm-wasm, a .safetensors, a .pt or .pth of PyTorch
     (a state_dict), a .keras or .h5 of Keras, the model.json of
     a TensorFlow.js layers model, an .onnx, or the manifest.json of an ml5
     charRNN
OUT  a .safetensors, which is a checkpoint and which PyTorch reads, too, or an
     .onnx

options:
${describeFlags(CONVERT_FLAGS)}
`;

/** `lstm-wasm convert`. */
export async function convertCommand(args: string[]): Promise<number> {
  const words: string[] = [];
  const flags = parseFlags(CONVERT_FLAGS, args, words);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [from, to, ...more] = words;
  if (from === undefined || to === undefined || more.length > 0)
    throw new UsageError(`expected two files, IN and OUT, got ${words.length}`);
  const write = writerOf(to, flags);
  await refuseSameFiles({ IN: from, OUT: to });
  await checkWritable(to);
  const options = {
    ...optionsFrom(IMPORT_OPTIONS, flags, APART),
    vocabulary: flags.vocabulary === undefined ? undefined : await readVocabulary(flags.vocabulary),
    classes: flags.classes?.split(","),
    beside: (name: string) => readBytes(join(dirname(from), name), NO_STREAMS),
    onNote: (note: string) => void process.stderr.write(`${display(note)}\n`),
  };
  const model = await naming(from, () => withSource(from, (source: BytesSource) => importModel(source, options)));
  await writeWhole(to, await write(model));
  const weights = flags.dtype === undefined ? "" : `, ${flags.dtype}`;
  process.stderr.write(`Wrote ${shownPath(to)}: ${describe(model)}${weights}.\n`);
  return 0;
}

/**
 * What makes a file of a model, by the file's name.
 *
 * @throws UsageError for another format, or a flag of another one
 */
function writerOf(to: string, flags: Values<typeof CONVERT_FLAGS>): (model: Model) => Promise<Bytes> {
  const safetensors = optionsFrom(SAFETENSORS_OPTIONS, flags);
  const onnx = optionsFrom(ONNX_OPTIONS, flags);
  const refuse = (options: object, extension: string) => {
    if (Object.keys(options).length > 0)
      throw new UsageError(`OUT: expected a name with ${extension}, with its flags, got ${shownPath(to)}`);
  };
  if (to.endsWith(".safetensors")) {
    refuse(onnx, ".onnx");
    const writing = settle(SAFETENSORS_OPTIONS, safetensors);
    return async (model) => toSafetensors(model, writing);
  }
  if (to.endsWith(".onnx")) {
    refuse(safetensors, ".safetensors");
    return (model) => toOnnx(model, onnx);
  }
  throw new UsageError(`OUT: expected a name with .safetensors or .onnx, got ${shownPath(to)}`);
}

/** Adds the file's name to what is wrong with it. */
async function naming(path: string, action: () => Promise<Model>): Promise<Model> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ConversionError || error instanceof CheckpointError)) throw error;
    throw new InputError(`${shownPath(path)} cannot be converted: ${error.message}`, { cause: error });
  }
}

function describe({ reads, input, output, config, parameterCount }: Model): string {
  const { layers, hiddenSize } = config;
  return `${layers} × ${hiddenSize} hidden units, ${reads} of ${input.size} in, ${output.size} out, ${parameterCount} parameters`;
}
