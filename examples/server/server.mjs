import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { load } from "lstm-wasm";
import { createStream } from "lstm-wasm/stream";
import { sizesFor } from "./desk.mjs";
import { respond } from "./http.mjs";
import { MemoryStore } from "./memory-store.mjs";
import { StepPool } from "./pool.mjs";
import { Sessions } from "./sessions.mjs";

/** How long requests that have begun may take to end when the server stops, in milliseconds. */
const GRACE = 10_000;

/**
 * @param {object} options those of main.mjs, but `model` is a checkpoint's bytes
 * @returns {Promise<Server>}
 * @throws {LstmError} for a model that cannot be loaded, or cannot be stepped, and for a file without sessions, which is its `file`
 */
export async function startServer({
  model: bytes,
  host,
  port,
  workers,
  batch,
  queue,
  ttl,
  sessions,
  keep,
  store: url,
}) {
  const model = await load(bytes);
  createStream(model); // Whether it can be stepped.
  // A session of another model would be taken for this one's.
  const fingerprint = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  const { stateSize } = sizesFor(model, batch);
  const store = url
    ? await import("./redis-store.mjs").then(({ RedisStore }) => RedisStore.open(url, { fingerprint, stateSize, ttl }))
    : await MemoryStore.open({ fingerprint, stateSize, ttl, most: sessions, file: keep });
  const pool = new StepPool(model, bytes, { workers, batch });
  try {
    await pool.ready;
    const server = new Server(new Sessions(model, pool, store, queue));
    await server.listen(host, port);
    return server;
  } catch (error) {
    await pool.close();
    await store.close();
    throw error;
  }
}

/** Answers requests until it is stopped. */
export class Server {
  #sessions;
  #http;
  #stopped = Promise.withResolvers?.() ?? withResolvers();
  #isStopping = false;

  constructor(sessions) {
    this.#sessions = sessions;
    this.#http = createServer({
      ...{ requestTimeout: 10_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 },
      // How often Node looks who is beyond that: by itself, every 30 seconds.
      connectionsCheckingInterval: 1000,
    });
    this.#http.on("request", (request, response) => respond(request, response, sessions, () => this.#isStopping));
  }

  /** Resolves when the last request is answered and the sessions are kept. */
  get stopped() {
    return this.#stopped.promise;
  }

  get url() {
    const { address, family, port } = this.#http.address();
    return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  }

  /** For tests. */
  get sessions() {
    return this.#sessions;
  }

  listen(host, port) {
    return new Promise((resolve, reject) => {
      this.#http.once("error", reject);
      this.#http.listen({ host, port, backlog: 4096 }, resolve);
    });
  }

  /** Takes no more connections, answers what has come in, keeps the sessions. */
  stop() {
    if (this.#isStopping) return this.stopped;
    this.#isStopping = true;
    const force = setTimeout(() => this.#http.closeAllConnections(), GRACE);
    this.#http.close(async () => {
      clearTimeout(force);
      await this.#sessions.close().then(this.#stopped.resolve, this.#stopped.reject);
    });
    return this.stopped;
  }
}

/** Promise.withResolvers is missing before Node 22. */
function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
