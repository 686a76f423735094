import { setTimeout as sleep } from "node:timers/promises";
import type { Closable } from "bullmq";
import type { Redis } from "ioredis";
import { OptionError } from "../../common/errors.js";
import { display } from "../../common/show.js";
import { QueueError } from "../errors.js";

type BullMq = typeof import("bullmq");

/** The queue of all sweeps, and what its keys in Redis begin with. */
export const QUEUE = "sweeps";
export const PREFIX = "lstm-wasm";

/** Time for the first connection, in milliseconds. */
const PATIENCE = 10_000;
/** Most time until a connection that was lost is tried again, in milliseconds. */
const LONGEST_WAIT = 5000;
/** Time for the last commands, in milliseconds, and without a connection. */
export const GRACE = 5000;
const GRACE_AWAY = 500;

/** An open connection to Redis, and BullMQ, which uses it. */
export interface Connection {
  readonly bullmq: BullMq;
  readonly redis: Redis;
}

/**
 * Connects to Redis. A connection that is lost later comes back by itself.
 *
 * @param url such as redis://localhost:6379
 * @param tell is told of a loss, in a line
 * @throws OptionError if it is no such address
 * @throws QueueError if Redis cannot be reached, or BullMQ is not installed
 */
export async function connect(url: string, tell: (message: string) => void): Promise<Connection> {
  const address = addressOf(url);
  const { bullmq, ioredis } = await load();
  let isOpen = false;
  const redis = new ioredis.Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE,
    // BullMQ waits for a lost connection as long as it takes.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (isOpen ? Math.min(500 * times, LONGEST_WAIT) : null),
  });
  let last: Error | undefined;
  redis.on("error", (error) => {
    // Each attempt to connect again fails in the same way.
    if (isOpen && error.message !== last?.message)
      tell(`the queue cannot be reached for now: ${display(error.message, 200)}`);
    last = error;
  });
  try {
    await redis.connect();
    isOpen = true;
    return { bullmq, redis };
  } catch (error) {
    redis.disconnect();
    const { message } = last ?? (error as Error);
    // The address without a password that it may have.
    throw new QueueError(`Redis at ${address} cannot be reached: ${display(message, 200)}`);
  }
}

/** Closes a connection and what uses it: in order, if Redis is there to be told. */
export async function close({ redis }: Connection, user: Closable): Promise<void> {
  const isAway = redis.status !== "ready";
  const patience = new AbortController();
  const { signal } = patience;
  const waited = sleep(isAway ? GRACE_AWAY : GRACE, undefined, { signal }).catch(() => {});
  await Promise.race([user.close(isAway).catch(() => {}), waited]);
  patience.abort();
  redis.disconnect();
  // It may never have been connected, and would wait for that.
  user.disconnect().catch(() => {});
}

/** The host and port of an address. @throws OptionError */
function addressOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed && /^rediss?:$/.test(parsed.protocol) && parsed.host !== "") return display(parsed.host, 100);
  throw new OptionError(
    "queue",
    "the address of Redis, such as redis://localhost:6379",
    parsed?.protocol ?? "another text",
  );
}

async function load(): Promise<{ bullmq: BullMq; ioredis: typeof import("ioredis") }> {
  try {
    const [bullmq, ioredis] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { bullmq, ioredis };
  } catch (cause) {
    throw new QueueError("a queue needs the packages bullmq and ioredis: npm install bullmq ioredis", { cause });
  }
}
