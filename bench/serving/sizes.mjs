// What a session takes: as a snapshot in bytes and in JSON, in the memory of the server, and in Redis.
// usage: node --expose-gc bench/serving/sizes.mjs [redis://…], on the built library
import { MemoryStore } from "../../examples/server/memory-store.mjs";
import { RedisStore } from "../../examples/server/redis-store.mjs";

const SESSIONS = 20_000;
const LAYERS = 2;
const UNITS = [128, 256];
const [url] = process.argv.slice(2);

const stateOf = (units) => Float32Array.from({ length: 2 * LAYERS * units }, (_, i) => Math.tanh(Math.sin(i)));

/** Bytes of this process that a session takes. */
async function inMemory(units) {
  const store = await MemoryStore.open({ fingerprint: "", ttl: 600, most: SESSIONS });
  globalThis.gc();
  const before = process.memoryUsage();
  for (let i = 0; i < SESSIONS; i++) store.create(crypto.randomUUID(), { step: 0, state: stateOf(units) });
  globalThis.gc();
  const after = process.memoryUsage();
  await store.close();
  // Typed arrays are external to the heap.
  return (after.heapUsed + after.external - before.heapUsed - before.external) / SESSIONS;
}

/** Redis' own account of a key and its value. */
async function inRedis(units) {
  const { createClient } = await import("@redis/client");
  const client = createClient({ url });
  await client.connect();
  const fingerprint = "0123456789abcdef";
  const store = await RedisStore.open(url, { fingerprint, stateSize: 2 * LAYERS * units, ttl: 60 });
  const id = crypto.randomUUID();
  await store.create(id, { step: 0, state: stateOf(units) });
  const bytes = await client.memoryUsage(`lstm-wasm:${fingerprint}:${id}`);
  await store.close();
  await client.close();
  return bytes;
}

for (const units of UNITS) {
  const state = stateOf(units);
  const json = JSON.stringify({ layers: LAYERS, hiddenSize: units, h: [], c: [...state] }).length;
  const sizes = [
    `${state.byteLength} bytes of state`,
    `${json} in JSON`,
    `${Math.round(await inMemory(units))} in memory`,
    ...(url ? [`${await inRedis(units)} in Redis`] : []),
  ];
  console.log(`${LAYERS} × ${units}: ${sizes.join(", ")}`);
}
