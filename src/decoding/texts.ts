import { alignedFrom } from "../common/aligned.js";
import type { Random } from "../common/random.js";
import type { Network } from "../network/network.js";
import type { PackedAddresses } from "../network/packed-weights.js";
import type { PassPlan } from "../network/plan.js";
import { NO_TOKEN, type Sampling, tokenSampler } from "./token-sampler.js";

// Texts that are continued side by side for many steps, in memory of their own where everything lies that they carry from step
// to step: settings, random generators, states or the window's tokens. So any thread can continue them, knowing their address.

/** Most steps at a time. */
export const MOST_STEPS = 256;

/** Texts of a model that predicts the next token. */
export interface TextsShape {
  /** How many. */
  readonly B: number;
  /** Steps of context that each token is predicted from, from a zero state; 0 if states are carried. */
  readonly window: number;
  readonly sampling: Sampling;
}

/** The memory of texts: byte addresses. */
interface TextsPlan {
  /** [SETTINGS] float64 */
  readonly settings: number;
  /** [B, 4] uint32 */
  readonly randoms: number;
  /** [B] int32, those that are read next, then [MOST_STEPS, B], those of each step */
  readonly tokens: number;
  /** [B, V] bytes: whether a token has been read or written */
  readonly seen: number;
  /** [seen] bytes: B · V, or 0 where that does not matter */
  readonly seenBytes: number;
  /** Where the passes lie: that of one step, with the states, or those of up to `window` steps, with their tokens. */
  readonly pass: number;
}

const SETTINGS = 9;
/** The setting that changes: steps of context so far, where there is a window. */
const CONTEXT_LENGTH = 8;

/** What computes texts: a network and the memory it lies in. */
export interface TextsHost {
  readonly network: Network;
  /** The whole memory. */
  readonly buffer: ArrayBufferLike;
  /** Plans a pass over T steps of B texts whose last outputs are needed. Its inputs come first, at the same address for any T. */
  plan(T: number, B: number, address: number): PassPlan;
  /** Writes what tells the kernels how a pass's rows lie. */
  writeLists(plan: PassPlan): void;
}

function planTexts({ shape }: Network, { B, sampling }: TextsShape, base: number): TextsPlan {
  const take = alignedFrom(base);
  const settings = take(8 * SETTINGS);
  const randoms = take(16 * B);
  const tokens = take(4 * (1 + MOST_STEPS) * B);
  const seenBytes = sampling.repetitionPenalty === 1 ? 0 : B * shape.vocabularySize;
  const seen = take(seenBytes);
  return { settings, randoms, tokens, seen, seenBytes, pass: take(0) };
}

/** The bytes that texts take. */
export function textsBytes(host: TextsHost, texts: TextsShape): number {
  return host.plan(Math.max(1, texts.window), texts.B, planTexts(host.network, texts, 0).pass).end;
}

/** What texts start with. */
export interface TextsStart {
  /** One for each text. */
  readonly randoms: readonly Random[];
  /** The first token of each. */
  readonly tokens: Int32Array;
  /** What all of them have read before it. */
  readonly prompt: Int32Array;
  /** The states after the prompt: [layers, h and c] of [H]. */
  readonly states: readonly Float32Array[];
}

/** Writes texts at an address. */
export function writeTexts(
  host: TextsHost,
  texts: TextsShape,
  { randoms, tokens, prompt, states }: TextsStart,
  address: number,
): void {
  const { network, buffer } = host;
  const { vocabularySize } = network.shape;
  const { B, window, sampling } = texts;
  const plan = planTexts(network, texts, address);
  const { inverseTemperature, topK, topP, greedy, repetitionPenalty, suppressFirst } = sampling;
  const context = prompt.subarray(Math.max(0, prompt.length - window));
  new Float64Array(buffer, plan.settings, SETTINGS).set([
    ...[B, window, inverseTemperature, topK, topP],
    ...[Number(greedy), repetitionPenalty, Number(suppressFirst), window > 0 ? context.length : 0],
  ]);
  for (const [b, { state }] of randoms.entries()) new Uint32Array(buffer, plan.randoms + 16 * b, 4).set(state);
  new Int32Array(buffer, plan.tokens, B).set(tokens);
  const seen = new Uint8Array(buffer, plan.seen, plan.seenBytes).fill(0);
  for (let b = 0; b < B && seen.length > 0; b++)
    for (const token of [...prompt, tokens[b]!]) seen[b * vocabularySize + token] = 1;
  const pass = host.plan(1, B, plan.pass);
  if (window > 0) {
    const inputs = new Int32Array(buffer, pass.inputs, context.length * B);
    for (let i = 0; i < inputs.length; i++) inputs[i] = context[Math.floor(i / B)]!;
    return;
  }
  for (const [i, at] of pass.states.entries()) {
    const rows = new Float32Array(buffer, at, B * network.H);
    for (let b = 0; b < B; b++) rows.set(states[i]!, b * network.H);
  }
}

/** The tokens of the texts at an address in their last steps: [MOST_STEPS, B]. */
export function tokensOf({ network, buffer }: TextsHost, texts: TextsShape, address: number): Int32Array {
  const { B } = texts;
  return new Int32Array(buffer, planTexts(network, texts, address).tokens + 4 * B, MOST_STEPS * B);
}

/**
 * Continues the texts at an address by some steps. A text whose logits are not finite has {@link NO_TOKEN} at that step, and
 * rubbish after it; the others go on.
 *
 * @param generators one for each text, whatever their state: they go on from that of the texts
 * @param packed the weights, packed, for steps of several texts
 */
export function continueTexts(
  host: TextsHost,
  address: number,
  steps: number,
  generators: readonly Random[],
  packed?: PackedAddresses,
): void {
  const { network, buffer } = host;
  const settings = new Float64Array(buffer, address, SETTINGS);
  const texts = readShape(settings);
  const { B, window, sampling } = texts;
  const { randoms, tokens, seen, seenBytes, pass } = planTexts(network, texts, address);
  const floats = new Float32Array(buffer);
  const integers = new Int32Array(buffer);
  for (let b = 0; b < B; b++) generators[b]!.state = new Uint32Array(buffer, randoms + 16 * b, 4);
  const sample = tokenSampler(network, sampling, generators, new Uint8Array(buffer, seen, seenBytes));
  const next = new Int32Array(buffer, tokens, B);
  const written = new Int32Array(buffer, tokens + 4 * B, MOST_STEPS * B);
  const size = B * network.H;
  let plan = host.plan(Math.max(1, settings[CONTEXT_LENGTH]!), B, pass);
  for (let t = 0; t < steps; t++) {
    if (window > 0) {
      plan = readOn(plan);
      for (const state of plan.states) floats.fill(0, state / 4, state / 4 + size);
    } else integers.set(next, plan.inputs / 4);
    network.forward(plan, undefined, plan.rows === B && B > 1 ? packed : undefined);
    const areFinite = sample(floats, plan.logits, B, next);
    written.set(next, t * B);
    if (!areFinite) for (let b = 0; b < B; b++) if (next[b] === NO_TOKEN) next[b] = 0;
    if (window > 0) continue;
    for (const state of plan.states) {
      const from = state / 4 + size;
      floats.copyWithin(state / 4, from, from + size);
    }
  }

  /** The pass over the last steps of context, once the next tokens have been added to it. */
  function readOn(before: PassPlan): PassPlan {
    const inputs = before.inputs / 4;
    const length = settings[CONTEXT_LENGTH]!;
    if (length === window) integers.copyWithin(inputs, inputs + B, inputs + length * B);
    else settings[CONTEXT_LENGTH] = length + 1;
    const T = settings[CONTEXT_LENGTH]!;
    integers.set(next, inputs + (T - 1) * B);
    const after = before.T === T ? before : host.plan(T, B, pass);
    host.writeLists(after);
    return after;
  }
}

function readShape(settings: Float64Array): TextsShape {
  const [B, window, inverseTemperature, topK, topP, greedy, repetitionPenalty, suppressFirst] =
    settings as unknown as number[];
  return {
    B: B!,
    window: window!,
    sampling: {
      inverseTemperature: inverseTemperature!,
      topK: topK!,
      topP: topP!,
      greedy: greedy === 1,
      repetitionPenalty: repetitionPenalty!,
      suppressFirst: suppressFirst === 1,
    },
  };
}
