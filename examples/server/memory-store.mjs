import { createReadStream, createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LstmError } from "lstm-wasm";
import { busy } from "./refusal.mjs";

/**
 * Sessions in the memory of this process. A file keeps them while it is not running.
 *
 * A session is { step, state }: the number of its steps, and the state after them.
 */
export class MemoryStore {
  /** By id, with the time of its end; the one that ends first comes first. */
  #sessions = new Map();
  #ttl;
  #most;
  #fingerprint;
  #file;
  #timer;

  /**
   * @param fingerprint of the model
   * @param stateSize floats of a state
   * @param ttl seconds
   * @param most sessions
   * @param file to keep them in
   */
  static async open({ fingerprint, stateSize, ttl, most, file }) {
    const store = new MemoryStore(fingerprint, ttl, most, file);
    if (file !== undefined) await store.#read(stateSize);
    return store;
  }

  constructor(fingerprint, ttl, most, file) {
    this.#fingerprint = fingerprint;
    this.#ttl = 1000 * ttl;
    this.#most = most;
    this.#file = file;
    this.#timer = setInterval(() => this.#expire(), Math.min(this.#ttl, 10_000)).unref();
  }

  get size() {
    return this.#sessions.size;
  }

  create(id, session) {
    this.#expire();
    if (this.#sessions.size >= this.#most) throw busy(`there are ${this.#most} sessions`);
    this.#set(id, session);
  }

  get(id) {
    this.#expire();
    return this.#sessions.get(id)?.session;
  }

  /** @returns whether it was as expected: had taken so many steps */
  replace(id, expectedStep, session) {
    if (this.get(id)?.step !== expectedStep) return false;
    this.#set(id, session);
    return true;
  }

  delete(id) {
    return this.#sessions.delete(id);
  }

  async close() {
    clearInterval(this.#timer);
    this.#expire();
    if (this.#file !== undefined) await this.#write();
  }

  #set(id, session) {
    this.#sessions.delete(id);
    this.#sessions.set(id, { session, end: Date.now() + this.#ttl });
  }

  #expire() {
    const now = Date.now();
    for (const [id, { end }] of this.#sessions) {
      if (end > now) return;
      this.#sessions.delete(id);
    }
  }

  async #write() {
    const unfinished = `${this.#file}.part`;
    await pipeline(Readable.from(this.#lines()), createWriteStream(unfinished, { mode: 0o600 }));
    await rename(unfinished, this.#file);
  }

  *#lines() {
    yield `${JSON.stringify({ model: this.#fingerprint })}\n`;
    for (const [id, { session, end }] of this.#sessions) {
      const { step, state } = session;
      const text = Buffer.from(state.buffer, state.byteOffset, state.byteLength).toString("base64");
      yield `${JSON.stringify({ id, step, end, state: text })}\n`;
    }
  }

  async #read(stateSize) {
    const input = createReadStream(this.#file);
    let number = 0;
    try {
      for await (const line of createInterface({ input })) {
        if (++number > 1) {
          const { id, end, session } = parseSession(line, stateSize);
          this.#sessions.set(id, { session, end });
        } else if (parseModel(line) !== this.#fingerprint) {
          console.error(`${this.#file} has sessions of another model: they end here`);
          return;
        }
      }
      this.#expire();
    } catch (error) {
      // As at the first start.
      if (error.code === "ENOENT") return;
      const { message } = error;
      const why = error instanceof SyntaxError ? `line ${number} is no session of this server: ${message}` : message;
      throw Object.assign(new LstmError(`${why}. Name another file`, { cause: error }), { file: this.#file });
    }
  }
}

function parseModel(line) {
  const { model } = Object(JSON.parse(line));
  if (typeof model === "string") return model;
  throw new SyntaxError("it does not begin with a model");
}

/** @throws {SyntaxError} for anything but a session with a state of that size */
function parseSession(line, stateSize) {
  const { id, step, end, state } = Object(JSON.parse(line));
  const bytes = Buffer.from(String(state), "base64");
  const isSound = typeof id === "string" && Number.isSafeInteger(step) && Number.isFinite(end);
  if (!isSound || bytes.length !== 4 * stateSize) throw new SyntaxError("something is missing, or damaged");
  return { id, end, session: { step, state: new Float32Array(new Uint8Array(bytes).buffer) } };
}
