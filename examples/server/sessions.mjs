import { randomUUID } from "node:crypto";
import { readInput } from "./input.mjs";
import { busy, Refusal } from "./refusal.mjs";

/**
 * The users' sessions. What a session is, lies in the store alone: the number of its steps, and the state after them. A step
 * takes the state out, and puts the next one there when it is known; until then nothing has happened.
 */
export class Sessions {
  #model;
  #pool;
  #store;
  #most;
  /** Those that are taking a step here. */
  #open = new Set();
  #refused = 0;
  #busy;

  /** @param most steps that are open at once */
  constructor(model, pool, store, most) {
    this.#model = model;
    this.#pool = pool;
    this.#store = store;
    this.#most = most;
    this.#busy = busy(`${most} steps are open`);
  }

  /** Whether no more steps are taken now. */
  get isFull() {
    return this.#open.size >= this.#most;
  }

  /** @returns the body of an answer to a request that is not even read */
  refuse() {
    this.#refused++;
    return JSON.stringify(this.#busy.body);
  }

  /** Numbers in an input, if that is a vector. */
  get vectorSize() {
    return this.#model.reads === "vectors" ? this.#model.input.size : 0;
  }

  /** What the clients need to know of the model. */
  get description() {
    const { input, output, config, vocabulary, reads } = this.#model;
    const outputs = output.kind === "categorical" ? "probabilities" : "values";
    return {
      ...{ reads, inputSize: input.size, outputs, outputSize: output.size },
      ...{ layers: config.layers, hiddenSize: config.hiddenSize },
      ...(vocabulary ? { tokens: vocabulary.tokens } : {}),
    };
  }

  get figures() {
    return { sessions: this.#store.size, open: this.#open.size, refused: this.#refused, ...this.#pool.figures };
  }

  /** For tests. */
  get pool() {
    return this.#pool;
  }

  /** Starts a session, from a zero state. */
  async create() {
    const id = randomUUID();
    const { layers, hiddenSize } = this.#model.config;
    await this.#store.create(id, { step: 0, state: new Float32Array(2 * layers * hiddenSize) });
    return id;
  }

  /** @param expected the number of steps that the client knows of, if it says that */
  async step(id, input, expected) {
    if (this.#open.has(id)) throw new Refusal(409, "this session is taking a step: wait for its answer");
    if (this.isFull) {
      this.#refused++;
      throw this.#busy;
    }
    this.#open.add(id);
    try {
      const read = readInput(this.#model, input);
      const before = (await this.#store.get(id)) ?? missing();
      if (expected !== undefined && expected !== before.step) throw conflict(before.step);
      const { outputs, state } = await this.#pool.step(read, before.state);
      const step = before.step + 1;
      if (!(await this.#store.replace(id, before.step, { step, state }))) throw conflict();
      return { step, outputs };
    } finally {
      this.#open.delete(id);
    }
  }

  async end(id) {
    if (!(await this.#store.delete(id))) missing();
  }

  /** Once nothing is open any more. */
  async close() {
    await this.#pool.close();
    await this.#store.close();
  }
}

function missing() {
  throw new Refusal(404, "there is no such session, or it has expired: start another");
}

/** Another request came before. */
const conflict = (step) =>
  new Refusal(
    409,
    step === undefined ? "another step came before this one" : `this session has taken ${step} steps`,
    {},
    step === undefined ? {} : { step },
  );
