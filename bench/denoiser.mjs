// Milliseconds per frame of a speech denoiser's two LSTM stacks (DTLN: two layers of 128 units each), step by step: ours in
// float32 and int8, and onnxruntime-web on the same stacks, exported by toOnnx. A frame has to be done in 8 ms.
// usage: MODELS=FOLDER node bench/denoiser.mjs, on the built library; FOLDER has dtln/model_1.onnx and model_2.onnx of
// github.com/breizhn/DTLN. With onnxruntime-web: npm install --no-save --prefix bench/competitors onnxruntime-web
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { importModel, toOnnx, toSafetensors } from "../dist/bundle/convert.js";
import { load } from "../dist/bundle/node.js";
import { createStream } from "../dist/bundle/stream.js";

const FRAMES = 500;
const ROUNDS = 9;
const STACKS = [
  ["model_1.onnx", "lstm_4,lstm_5"],
  ["model_2.onnx", "model_2/lstm_6,model_2/lstm_7"],
];

const folder = join(process.env.MODELS ?? "", "dtln");
if (!existsSync(join(folder, STACKS[0][0]))) {
  console.error("MODELS: expected a folder with dtln/model_1.onnx and dtln/model_2.onnx");
  process.exit(2);
}

const stacks = await Promise.all(
  STACKS.map(([file, layers]) => importModel(readFileSync(join(folder, file)), { layers })),
);
const frames = stacks.map(({ input }) =>
  Array.from({ length: FRAMES }, (_, t) => Float32Array.from({ length: input.size }, (_, i) => Math.sin(t * i + i))),
);
const small = await Promise.all(stacks.map((stack) => load(toSafetensors(stack, { dtype: "int8" }))));

/** Each contender runs frame t of both stacks. */
const contenders = { "float32, lstm-wasm": ours(stacks), "int8, lstm-wasm": ours(small) };
const ort = await onnxruntime();
if (ort) contenders[`float32, onnxruntime-web ${ort.env.versions.web}`] = await theirs(ort);
else console.error("onnxruntime-web is not installed: see the top of this file");

const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
for (let round = 0; round <= ROUNDS; round++)
  for (const [name, run] of Object.entries(contenders)) {
    const before = process.cpuUsage();
    for (let t = 0; t < FRAMES; t++) await run(t);
    const { user, system } = process.cpuUsage(before);
    // The first round warms up.
    if (round > 0) times[name].push((user + system) / 1000 / FRAMES);
  }
for (const [name, rounds] of Object.entries(times)) {
  const median = rounds.sort((a, b) => a - b)[Math.floor(rounds.length / 2)];
  console.log(
    `${name.padEnd(36)} ${median.toFixed(4)} ms of CPU time per frame, ${(median / 0.08).toFixed(2)} % of 8 ms`,
  );
}

function ours(models) {
  const streams = models.map((model) => createStream(model));
  return (t) => {
    for (const [i, stream] of streams.entries()) stream.step(frames[i][t]);
  };
}

/** On one thread, with the states going in and out. */
async function theirs({ InferenceSession, Tensor }) {
  const sessions = [];
  for (const stack of stacks) {
    const session = await InferenceSession.create(await toOnnx(stack, { stateful: true }));
    const dims = [stack.config.layers, 1, stack.config.hiddenSize];
    const zeros = new Tensor("float32", new Float32Array(dims[0] * dims[2]), dims);
    sessions.push({ session, h0: zeros, c0: zeros });
  }
  return async (t) => {
    for (const [i, state] of sessions.entries()) {
      const { h0, c0, session } = state;
      const input = new Tensor("float32", frames[i][t], [1, 1, frames[i][t].length]);
      const { hn, cn } = await session.run({ input, h0, c0 });
      Object.assign(state, { h0: hn, c0: cn });
    }
  };
}

async function onnxruntime() {
  const require = createRequire(new URL("competitors/package.json", import.meta.url));
  try {
    const ort = await import(pathToFileURL(require.resolve("onnxruntime-web")));
    ort.env.wasm.numThreads = 1;
    return ort;
  } catch {
    return undefined;
  }
}
