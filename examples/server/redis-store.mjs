import { createClient, RESP_TYPES } from "@redis/client";
import { busy } from "./refusal.mjs";

/** Milliseconds that Redis has for an answer. */
const TIMEOUT = 2000;

/** Replaces a session if it has taken as many steps as expected. Its value begins with that number. */
const REPLACE = `
  if redis.call("GETRANGE", KEYS[1], 0, 7) ~= ARGV[1] then return 0 end
  redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
  return 1`;

/** Sessions in Redis, which any number of processes share: what {@link MemoryStore} does, for all of them. */
export class RedisStore {
  #client;
  #prefix;
  #bytes;
  #ttl;

  /**
   * @param fingerprint of the model, whose sessions are apart from those of others
   * @param stateSize floats of a state
   * @param ttl seconds
   */
  static async open(url, { fingerprint, stateSize, ttl }) {
    // A request had better be repeated than wait for Redis to come back.
    const client = createClient({ url, disableOfflineQueue: true, commandOptions: { timeout: TIMEOUT } });
    client.on("error", (error) => console.error(`Redis: ${error.message || error.code}`));
    await client.connect();
    return new RedisStore(client, fingerprint, stateSize, ttl);
  }

  constructor(client, fingerprint, stateSize, ttl) {
    this.#client = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    this.#prefix = `lstm-wasm:${fingerprint}:`;
    this.#bytes = 8 + 4 * stateSize;
    this.#ttl = 1000 * ttl;
  }

  /** Redis may hold more than these sessions. */
  get size() {
    return undefined;
  }

  async create(id, session) {
    await this.#ask(
      this.#client.set(this.#prefix + id, packed(session), { expiration: { type: "PX", value: this.#ttl } }),
    );
  }

  async get(id) {
    const bytes = await this.#ask(this.#client.get(this.#prefix + id));
    if (bytes?.length === this.#bytes) return unpacked(bytes);
    if (bytes) console.error(`Redis: ${bytes.length} bytes are no session, which has ${this.#bytes}`);
    return undefined;
  }

  async replace(id, expectedStep, session) {
    const args = [stepBytes(expectedStep), packed(session), String(this.#ttl)];
    const done = await this.#ask(this.#client.eval(REPLACE, { keys: [this.#prefix + id], arguments: args }));
    return done === 1;
  }

  async delete(id) {
    return (await this.#ask(this.#client.del(this.#prefix + id))) === 1;
  }

  async close() {
    await this.#client.close();
  }

  /** Whether a change was made before Redis fell silent, the client learns from the number of steps. */
  async #ask(answer) {
    try {
      return await answer;
    } catch (error) {
      throw busy(`the store does not answer (${error.message})`);
    }
  }
}

const stepBytes = (step) => Buffer.from(Float64Array.of(step).buffer);

const packed = ({ step, state }) =>
  Buffer.concat([stepBytes(step), new Uint8Array(state.buffer, state.byteOffset, state.byteLength)]);

function unpacked(bytes) {
  const { buffer } = new Uint8Array(bytes);
  return { step: new Float64Array(buffer, 0, 1)[0], state: new Float32Array(buffer, 8) };
}
