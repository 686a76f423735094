import { unzipSync, zipSync } from "fflate";
import { fixture, indexOf } from "../bytes.js";
import { join } from "../checkpoint/mutate.js";

// Files of other programs that were once read wrongly, or would be by a reader that trusts them: made of sound ones.

type File = readonly [what: string, bytes: Uint8Array];

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The bytes of a text whose characters are below 256. */
const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

const concatenated = (...parts: readonly ArrayLike<number>[]): Uint8Array =>
  join(...parts.map((part) => Uint8Array.from(part)));

/** With a text, or some bytes, in place of others of the same length. */
function replaced(bytes: Uint8Array, from: string | readonly number[], to: string | readonly number[]): Uint8Array {
  const [old, young] = [from, to].map((part) => (typeof part === "string" ? encode(part) : Uint8Array.from(part)));
  const at = indexOf(bytes, old!);
  if (at < 0 || old!.length !== young!.length) throw new Error(`${from} cannot be replaced by ${to}`);
  return concatenated(bytes.subarray(0, at), young!, bytes.subarray(at + young!.length));
}

/** An archive with one of its files changed. */
function within(archive: Uint8Array, name: RegExp, change: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const files = Object.entries(unzipSync(archive));
  return zipSync(Object.fromEntries(files.map(([path, bytes]) => [path, name.test(path) ? change(bytes) : bytes])), {
    level: 0,
  });
}

/** An archive with another file of zeros, which take next to no room in it. */
function withZeros(archive: Uint8Array, name: string, mebibytes: number): Uint8Array {
  const files = unzipSync(archive);
  const [folder] = Object.keys(files)[0]!.split("/");
  const path = name.replace("FOLDER", folder!);
  return zipSync({ ...files, [path]: join(files[path] ?? new Uint8Array(), new Uint8Array(mebibytes * 2 ** 20)) });
}

/** Eight bytes. */
const long = (value: number): number[] => [...new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)];

/** LSTMs of one unit each, and one of many on top of them, as PyTorch's. */
export function unequal(layers: number, hiddenSize: number): Uint8Array {
  const tensors = Array.from({ length: layers }, (_, l): [string, number[]][] => {
    const H = l === layers - 1 ? hiddenSize : 1;
    const shapes: Record<string, number[]> = {
      weight_ih: [4 * H, 1],
      weight_hh: [4 * H, H],
      bias_ih: [4 * H],
      bias_hh: [4 * H],
    };
    return Object.entries(shapes).map(([name, shape]) => [`lstm${l}.${name}_l0`, shape]);
  }).flat();
  let at = 0;
  const header = Object.fromEntries(
    tensors.map(([name, shape]) => {
      const begin = at;
      at += 4 * shape.reduce((product, size) => product * size, 1);
      return [name, { dtype: "F32", shape, data_offsets: [begin, at] }];
    }),
  );
  const json = encode(JSON.stringify(header));
  return join(Uint8Array.from(long(json.length)), json, new Uint8Array(at));
}

/** The end of an archive's list, behind which nothing comes: 22 bytes, at 10 the number of files, at 16 where the list begins. */
function atEnd(archive: Uint8Array, at: number, values: readonly number[]): Uint8Array {
  const bytes = archive.slice();
  bytes.set(values, bytes.length - 22 + at);
  return bytes;
}

/** The refusals that are kept as files. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  pt: ["refused-module.pt", "refused-old.pt"],
  keras: ["activation", "convolution", "gru", "hard", "hidden", "relu", "sum", "swapped"].map(
    (name) => `refused-${name}.keras`,
  ),
  h5: ["refused-circle.h5", "refused-links.h5"],
  onnx: ["refused-lengths.onnx", "refused-loop.onnx"],
  safetensors: ["convolution", "gru", "projection"].map((name) => `refused-${name}.safetensors`),
};

/** Pickles as small as they get; each ends at its last operation, and those of a whole state_dict with a STOP. */
const PICKLES: Readonly<Record<string, ArrayLike<number>>> = {
  "a pickle of nothing": [],
  "a pickle that stops with nothing": latin1("\x80\x02."),
  "a pickle that runs a command": latin1("cos\nsystem\n(X\x04\0\0\0truetR."),
  "a pickle that builds an object of any class": latin1("c__builtin__\nobject\n)R}b."),
  "a call of what is no function": latin1("}(tR."),
  "a line without an end": latin1("ctorch"),
  "a text longer than the file": [0x58, 0xff, 0xff, 0xff, 0xff, 0x61, 0x2e],
  "an integer of 255 bytes": [0x8a, 255, ...Array<number>(255).fill(255), 0x2e],
  "items without a mark": latin1("}u."),
  "a dict that holds itself": latin1("}q\0X\x01\0\0\0ah\0s."),
  "a list that holds itself": latin1("]q\0h\0a."),
  "a memory that was never filled": latin1("j\xff\xff\xff\x7f."),
  "tuples a hundred thousand deep": concatenated(latin1("N"), new Uint8Array(100_000).fill(0x85), latin1(".")),
  "marks a hundred thousand deep": concatenated(new Uint8Array(100_000).fill(0x28), latin1("t.")),
  "a key __proto__": latin1("}X\x09\0\0\0__proto__Ns."),
};

/** Messages of protocol buffers. */
const MESSAGES: Readonly<Record<string, ArrayLike<number>>> = {
  "a message longer than the file": [0x08, 0x08, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f],
  "a number without an end": [0x08, ...Array<number>(64).fill(0xff)],
  "a group, which nobody writes": [0x08, 0x08, 0x3b, 0x3c],
  "messages a thousand deep": Array.from({ length: 1000 }, (_, i) => [0x3a, (i % 127) + 1]).flat(),
  "a graph of nothing": [0x08, 0x08, 0x3a, 0x00],
};

const MODEL = "tensorflowjs/quantized.json";
const MANIFEST = "ml5/manifest.json";

/** Files by what is wrong with them, and by the ending of their format. */
export async function foreign(): Promise<Readonly<Record<string, readonly File[]>>> {
  const read = (name: string) => fixture(`convert/${name}`);
  const [pt, checkpoint, keras, h5, onnx, tokens] = await Promise.all(
    [
      "pytorch-tokens.pt",
      "pytorch-checkpoint.pt",
      "keras-alone.keras",
      "keras-alone.h5",
      "onnx-tf-tagger.onnx",
      "onnx-tokens.onnx",
    ].map(read),
  );
  const [model, manifest] = (await Promise.all([read(MODEL), read(MANIFEST)])).map((bytes) => decode(bytes));
  const refused = async (kind: string): Promise<File[]> =>
    Promise.all((REFUSED[kind] ?? []).map(async (name): Promise<File> => [name, await read(name)]));
  const texts = (text: string, changes: Readonly<Record<string, (text: string) => string>>): File[] =>
    Object.entries(changes).map(([what, change]) => {
      const changed = change(text);
      if (changed === text) throw new Error(`${what}: nothing to change`);
      return [what, encode(changed)];
    });
  const nested = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  return {
    pt: [
      ...(await refused("pt")),
      ...Object.entries(PICKLES).map(
        ([what, bytes]): File => [what, within(checkpoint!, /data\.pkl$/, () => Uint8Array.from(bytes))],
      ),
      ["an archive of nothing", concatenated(latin1("PK\x05\x06"), new Uint8Array(18))],
      ["an archive that is cut off", pt!.subarray(0, pt!.length - 22)],
      ["an archive of 65 535 files", atEnd(pt!, 10, [0xff, 0xff])],
      ["an archive whose list begins beyond it", atEnd(pt!, 16, [0xff, 0xff, 0xff, 0x7f])],
      ["an archive of another list, of 64 bits", atEnd(pt!, 16, [0xff, 0xff, 0xff, 0xff])],
      ["a storage of 24 MiB of zeros", withZeros(pt!, "FOLDER/data/99", 24)],
      ["a tensor without its file", within(pt!, /data\/0$/, () => new Uint8Array())],
    ],
    keras: [
      ...(await refused("keras")),
      ["a configuration that is none", within(keras!, /config\.json$/, () => encode("[1,2"))],
      ["a configuration of nested arrays", within(keras!, /config\.json$/, () => encode(nested))],
      ["a configuration of null", within(keras!, /config\.json$/, () => encode("null"))],
      [
        "a configuration in another encoding",
        within(keras!, /config\.json$/, (bytes) => concatenated([0xff, 0xfe], bytes)),
      ],
      ["weights followed by 24 MiB of zeros", withZeros(keras!, "model.weights.h5", 24)],
      ["weights of nothing", within(keras!, /\.h5$/, () => new Uint8Array())],
      ["weights that are cut off", within(keras!, /\.h5$/, (bytes) => bytes.subarray(0, 2000))],
    ],
    h5: [
      ...(await refused("h5")),
      ["a signature alone", h5!.subarray(0, 8)],
      ["an array of 15 million numbers", replaced(h5!, [...long(2), ...long(12)], [...long(1_250_000), ...long(12)])],
      ["a superblock alone", h5!.subarray(0, 96)],
      ["a file that is cut off", h5!.subarray(0, h5!.length / 2)],
      [
        "a superblock of another version",
        replaced(h5!.slice(0, 600), [0x0d, 0x0a, 0x1a, 0x0a, 0], [0x0d, 0x0a, 0x1a, 0x0a, 9]),
      ],
    ],
    onnx: [
      ...(await refused("onnx")),
      ...Object.entries(MESSAGES).map(([what, bytes]): File => [what, Uint8Array.from(bytes)]),
      ["an LSTM of other activations", replaced(onnx!, "Sigmoid", "HardSig")],
      ["another operator", replaced(tokens!, "MatMul", "MatSum")],
      ["an operator __proto__", replaced(tokens!, "MatMul", "__pr__")],
      ["a graph that is cut off", tokens!.subarray(0, 2000)],
    ],
    safetensors: [...(await refused("safetensors")), ["layers of one unit and one of 160", unequal(60, 160)]],
    tensorflowjs: texts(model!, {
      "a graph model": () => '{"format":"graph-model","modelTopology":{"node":[]},"weightsManifest":[]}',
      "a model without weights": () => '{"format":"layers-model","modelTopology":{},"weightsManifest":null}',
      "a file elsewhere": (text) => text.replace("quantized.bin", "../quantized.bin"),
      "a file that is a folder": (text) => text.replace("quantized.bin", ".."),
      "a file __proto__": (text) => text.replace("quantized.bin", "__proto__"),
      "a shape without end": (text) => text.replace(/"shape":\s*\[/, '"shape":[4294967296,4294967296,'),
      "a negative shape": (text) => text.replace(/"shape":\s*\[/, '"shape":[-1,'),
      "a layer of class __proto__": (text) => text.replace('"LSTM"', '"__proto__"'),
      "layers of nested arrays": (text) => text.replace(/"layers":\s*\[/, `"layers":[${nested},`),
      "a model that is cut off": (text) => text.slice(0, 1000),
    }),
    ml5: texts(manifest!, {
      "a file in another folder": (text) => text.replace('"embedding",', '"../../secret",'),
      "a file of another length": (text) => text.replace('"filename": "embedding"', '"filename": "Variable"'),
      "a shape that is none": (text) => text.replace(/7,\s+3/, '"7", 3'),
      "a shape with another width": (text) => text.replace(/7,\s+3/, "3, 7"),
      "a shape beyond memory": (text) => text.replace(/7,\s+3/, "4294967296, 4294967296"),
      "a cell without weights": (text) => text.replace("cell_1/basic_lstm_cell/weights", "cell_1/basic_lstm_cell/w"),
      "a cell of a huge number": (text) => text.replaceAll("cell_1/", "cell_4294967295/"),
      "a manifest of arrays": () => '{"a":[],"b":[[]]}',
      "a manifest that is cut off": (text) => text.slice(0, 500),
    }),
  };
}
