// The cases in jax-js. usage: node [--stack-size=…] jax.mjs [CASE_JSON MILLISECONDS]
//
// In Node it runs on its wasm device, on one thread. It has no differentiable loop (no lax.scan), so jit() traces every
// time step: a long sequence takes a minute to start, and a deep stack. No clipping.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { draw, random } from "./random.mjs";
import { serve } from "./serve.mjs";

const main = createRequire(import.meta.url).resolve("@jax-js/jax");
const { version } = JSON.parse(readFileSync(join(dirname(main), "..", "package.json"), "utf8"));

await init("wasm");
defaultDevice("wasm");
await serve(version, process.argv.slice(2), (spec) => (spec.training ? training(spec) : generation(spec)));

function training(spec) {
  const { batchSize: B, vocabularySize: V, hiddenSize: H } = spec;
  const { sequenceLength: T, optimizer, returnSequences } = spec.training;
  const rows = (returnSequences ? T : 1) * B;

  function loss({ layers, weight, bias }, x, y) {
    let steps = np.unstack(x);
    for (const layer of layers) {
      // The input product for all steps at once, as libraries compute it: [T, B, 4H].
      const gates = np.unstack(np.matmul(np.stack(steps), layer.input).add(layer.bias));
      let [h, c] = [np.zeros([B, H]), np.zeros([B, H])];
      steps = gates.map((gate) => {
        [h, c] = step(gate.add(np.matmul(h, layer.recurrent.ref)), c);
        return h.ref;
      });
      for (const array of [h, c, layer.recurrent]) array.dispose();
    }
    const last = steps.at(-1);
    const h = returnSequences ? np.concatenate(steps.map((array) => array.ref)) : last.ref;
    for (const array of steps) array.dispose();
    return nn
      .logSoftmax(np.matmul(h, weight).add(bias))
      .mul(y)
      .sum()
      .mul(-1 / rows);
  }

  const update =
    optimizer === "adam" ? adam : (parameter, gradient) => ({ parameter: parameter.sub(gradient.mul(2e-3)) });
  const advance = jit((parameters, states, x, y) => {
    const [value, gradients] = valueAndGrad(loss)(tree.ref(parameters), x, y);
    const [leaves, structure] = tree.flatten(parameters);
    const updated = leaves.map((leaf, i) => update(leaf, tree.leaves(gradients)[i], states[i]));
    return [
      value,
      tree.unflatten(
        structure,
        updated.map(({ parameter }) => parameter),
      ),
      updated.map(({ state }) => state ?? []),
    ];
  });

  let parameters = initial(spec);
  let states = tree
    .leaves(parameters)
    .map((leaf) =>
      optimizer === "adam" ? [np.zeros(leaf.shape), np.zeros(leaf.shape), np.array(1), np.array(1)] : [],
    );
  const x = oneHot(T * B, V).reshape([T, B, V]);
  const y = oneHot(rows, V);
  async function run() {
    let value;
    [value, parameters, states] = advance(parameters, states, x.ref, y.ref);
    await value.jsAsync();
  }
  return { tokens: B * T, run };
}

/** One parameter's update; its state holds the two moments and the powers of their decay rates. */
function adam(parameter, gradient, [mean, square, power1, power2]) {
  const [decay1, decay2] = [0.9, 0.999];
  mean = mean.mul(decay1).add(gradient.ref.mul(1 - decay1));
  square = square.mul(decay2).add(gradient.ref.mul(gradient).mul(1 - decay2));
  power1 = power1.mul(decay1);
  power2 = power2.mul(decay2);
  const one = np.array(1);
  const step = mean.ref.div(one.ref.sub(power1.ref));
  const scale = np.sqrt(square.ref.div(one.sub(power2.ref))).add(1e-8);
  return { parameter: parameter.sub(step.div(scale).mul(2e-3)), state: [mean, square, power1, power2] };
}

function generation(spec) {
  const { vocabularySize: V, hiddenSize: H, layers } = spec;
  const advance = jit((parameters, x, states) => {
    let input = x;
    const after = parameters.layers.map((layer, i) => {
      const [h, c] = states[i];
      const gates = np.matmul(input, layer.input).add(np.matmul(h, layer.recurrent)).add(layer.bias);
      const state = step(gates, c);
      input = state[0].ref;
      return state;
    });
    return [nn.softmax(np.matmul(input, parameters.weight).add(parameters.bias)), after];
  });
  const parameters = initial(spec);
  let states = Array.from({ length: layers }, () => [np.zeros([1, H]), np.zeros([1, H])]);
  let token = 0;
  function run() {
    const x = new Float32Array(V);
    x[token] = 1;
    let probabilities;
    [probabilities, states] = advance(tree.ref(parameters), np.array(x).reshape([1, V]), states);
    token = draw(probabilities.dataSync());
  }
  return { tokens: 1, run };
}

/** gates [B, 4H] in the order i, f, g, o and c [B, H] → h and c [B, H] */
function step(gates, c) {
  const [i, f, g, o] = np.split(gates, 4, 1);
  const next = nn
    .sigmoid(f)
    .mul(c)
    .add(nn.sigmoid(i).mul(np.tanh(g)));
  return [nn.sigmoid(o).mul(np.tanh(next.ref)), next];
}

function initial({ vocabularySize: V, hiddenSize: H, layers }) {
  const uniform = (...shape) =>
    np
      .array(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => (2 * random() - 1) * H ** -0.5))
      .reshape(shape);
  return {
    layers: Array.from({ length: layers }, (_, layer) => ({
      input: uniform(layer === 0 ? V : H, 4 * H),
      recurrent: uniform(H, 4 * H),
      bias: uniform(4 * H),
    })),
    weight: uniform(H, V),
    bias: uniform(V),
  };
}

function oneHot(count, depth) {
  const tokens = Int32Array.from({ length: count }, () => Math.floor(random() * depth));
  return nn.oneHot(np.array(tokens), depth);
}
