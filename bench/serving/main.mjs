// How many users the example server bears: each takes ten steps a second, and 99 of 100 steps are to be answered within 50 ms.
// Server and users share this machine. Then what happens beyond that, and whether every session is still what it is alone.
// usage: node bench/serving/main.mjs [--units N …] [--per-request N …] [--workers N] [--queue N] [--seconds S]
//        [--users N] [--redis]
// on the built library. --per-request: users whose steps come in one request (1 and 64). --users: just so many, rather than to look for
// the most. --redis: sessions lie in a Redis that is started here. autocannon is installed on the first run.
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { characters, createModel, save } from "../../dist/bundle/node.js";

const LIMIT = 50;
const LAYERS = 2;
/** As in bench/cases. */
const TOKENS = Array.from({ length: 65 }, (_, i) => String.fromCharCode(48 + i));
/** Beyond what it bears. */
const OVERLOADS = [1.5, 3];

const { values } = parseArgs({
  options: {
    units: { type: "string", multiple: true, default: ["128", "256"] },
    "per-request": { type: "string", multiple: true, default: ["1", "64"] },
    workers: { type: "string", default: String(Math.max(1, availableParallelism() - 1)) },
    queue: { type: "string" },
    seconds: { type: "string", default: "5" },
    users: { type: "string" },
    redis: { type: "boolean" },
  },
});

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
if (!existsSync(here("node_modules"))) {
  console.error("installing autocannon …");
  spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--loglevel=error"], {
    cwd: here("."),
    stdio: "inherit",
    // On Windows npm is a .cmd file, which only a shell starts.
    shell: process.platform === "win32",
  });
}
const folder = mkdtempSync(join(tmpdir(), "lstm-wasm-serving-"));

async function modelFile(hiddenSize) {
  const file = join(folder, `${hiddenSize}.safetensors`);
  writeFileSync(
    file,
    save(await createModel({ vocabulary: characters(TOKENS.join("")), hiddenSize, layers: LAYERS, seed: 1 })),
  );
  return file;
}

/** A Redis on this machine that keeps nothing on disk. */
async function startRedis() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  const flags = { port, bind: "127.0.0.1", dir: folder, save: "", appendonly: "no", loglevel: "warning" };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const child = spawn("redis-server", args, { stdio: ["ignore", "ignore", "inherit"] });
  await once(child, "spawn");
  return { child, url: `redis://127.0.0.1:${port}` };
}

const redis = values.redis ? await startRedis() : undefined;

/** The server as a process; `use` gets its address and its number. */
async function withServer(file, queue, use) {
  const script = here("../../examples/server/main.mjs");
  const args = ["--model", file, "--port", "0", "--workers", values.workers, "--queue", String(queue)];
  if (redis) args.push("--store", redis.url);
  const server = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await new Promise((resolve) =>
    server.stdout.once("data", (text) => resolve(String(text).split("\n"))),
  );
  try {
    return await use(line.split(" ").at(-1), server.pid);
  } finally {
    server.kill();
    await new Promise((resolve) => server.once("exit", resolve));
  }
}

/** Seconds of processor time that a process has taken, where the system tells. */
function processorTime(pid) {
  if (process.platform !== "linux" || pid === undefined) return Number.NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** What so many users see of a new server. */
function measure(file, perRequest, users) {
  // A gateway's steps come at once.
  const queue = values.queue ?? (perRequest > 1 ? 16 * perRequest : 256);
  return withServer(file, queue, async (url, pid) => {
    const [before, beforeInRedis] = [pid, redis?.child.pid].map(processorTime);
    const args = [here("users.mjs"), url, file, users, perRequest, values.seconds].map(String);
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const seen = JSON.parse(stdout);
    const { steps } = await (await fetch(`${url}/health`)).json();
    const spent = (pid, before) => (1e6 * (processorTime(pid) - before)) / steps;
    return { users, queue, ...seen, microseconds: spent(pid, before), inRedis: spent(redis?.child.pid, beforeInRedis) };
  });
}

const refused = ({ statuses }) => statuses["503"] ?? 0;
const total = ({ statuses }) => Object.values(statuses).reduce((sum, count) => sum + count, 0);
/** Less than one in a thousand may be refused: a burst by chance. */
const isBorne = (seen) => seen.p99 < LIMIT && refused(seen) < total(seen) / 1000;

function print(seen) {
  const { users, stepsPerSecond, p50, p99, microseconds, inRedis, right, compared, statuses, errors } = seen;
  const others = Object.keys(statuses).filter((status) => status !== "200" && status !== "503");
  if (others.length > 0 || errors > 0) console.log(`also ${JSON.stringify(statuses)}, ${errors} errors`);
  console.log(
    `| ${users} | ${Math.round(stepsPerSecond)} | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ` +
      `${((100 * refused(seen)) / total(seen)).toFixed(1)} % | ${microseconds.toFixed(0)} | ` +
      `${redis ? `${inRedis.toFixed(0)} | ` : ""}${right} of ${compared} |`,
  );
}

/** The most users that are borne, to a tenth. */
async function mostUsers(file, perRequest) {
  let [low, high] = [undefined, undefined];
  for (let users = perRequest > 1 ? 512 : 100; !high || high.users / (low?.users ?? 1) > 1.1; ) {
    const seen = await measure(file, perRequest, users);
    console.error(`${users} users: p99 ${seen.p99?.toFixed(1)} ms, ${refused(seen)} of ${total(seen)} refused`);
    if (isBorne(seen)) low = seen;
    else high = seen;
    const next = !high ? 2 * users : !low ? users / 2 : Math.sqrt(low.users * high.users);
    users = Math.ceil(next / perRequest) * perRequest;
    if (users === low?.users || users === high?.users) break;
  }
  return low;
}

console.log(
  `Node ${process.versions.node}, ${cpus()[0].model}, ${availableParallelism()} cores, ` +
    `${values.workers} worker thread(s)${redis ? ", sessions in Redis" : ""}, autocannon ${JSON.parse(readFileSync(here("package.json"), "utf8")).dependencies.autocannon}`,
);
try {
  for (const units of values.units.map(Number)) {
    const file = await modelFile(units);
    for (const perRequest of values["per-request"].map(Number)) {
      const most = values.users
        ? await measure(file, perRequest, Number(values.users))
        : await mostUsers(file, perRequest);
      console.log(
        `\n${LAYERS} × ${units} units, ${perRequest === 1 ? "a request for each step" : `${perRequest} users a request`}, --queue ${most?.queue}:\n`,
      );
      const names = ["users", "steps/s", "median ms", "p99 ms", "refused", "µs of processor a step"];
      const columns = [...names, ...(redis ? ["and in Redis"] : []), "sessions as alone"];
      console.log(`| ${columns.join(" | ")} |\n|${" ---: |".repeat(columns.length)}`);
      if (!most) continue;
      print(most);
      for (const factor of values.users ? [] : OVERLOADS)
        print(await measure(file, perRequest, Math.ceil((factor * most.users) / perRequest) * perRequest));
    }
  }
} finally {
  redis?.child.kill();
  rmSync(folder, { recursive: true });
}
