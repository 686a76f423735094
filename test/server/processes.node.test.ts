import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@redis/client";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { characters, createModel, type Model, save } from "../../src/index.js";
import { findRedis, Redis } from "../hosts/queue/redis.js";
import { alone, ask, startServer, User } from "./serving.js";

// Sessions that go on in another process than they began in.

const MAIN = fileURLToPath(new URL("../../examples/server/main.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lstm-wasm-server-"));
const file = join(folder, "model.safetensors");
const INPUTS = Array.from({ length: 12 }, (_, t) => (t * t) % 6);
let model: Model;

beforeAll(async () => {
  model = await createModel({ vocabulary: characters("abcdef"), hiddenSize: 12, layers: 2, seed: 1 });
  writeFileSync(file, new Uint8Array(await save(model)));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The server as a process. */
async function startProcess(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, "--model", file, "--port", "0", ...args]);
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, stderr })),
  );
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (text) => resolve(String(text).trim().split(" ").at(-1)!));
    ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  return { url, child, ended };
}

test("SIGTERM: what is open is answered, and the next process goes on with the sessions", async () => {
  const keep = join(folder, "sessions");
  const first = await startProcess("--keep", keep);
  const { body } = await ask(`${first.url}/sessions`, "POST");
  const steps = (url: string) => `${url}/sessions/${body.session}/steps`;
  const half = INPUTS.length / 2;
  const outputs: number[][] = [];
  for (const input of INPUTS.slice(0, half))
    outputs.push((await ask(steps(first.url), "POST", { input })).body.outputs);
  const open = ask(steps(first.url), "POST", { input: INPUTS[half] });
  first.child.kill("SIGTERM");
  // It may also have come too late.
  const answer = await open.catch(() => undefined);
  if (answer) outputs.push(answer.body.outputs);
  expect(await first.ended).toEqual({ code: 0, stderr: "" });

  const second = await startProcess("--keep", keep);
  for (const input of INPUTS.slice(outputs.length))
    outputs.push((await ask(steps(second.url), "POST", { input, step: outputs.length })).body.outputs);
  expect(outputs).toEqual(alone(model, INPUTS));
  second.child.kill("SIGTERM");
  await second.ended;
});

test("wrong flags and files are told in a line", () => {
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8" });
    return [status, stderr.split("\n")[0]];
  };
  expect(run("--model", file, "--batch", "x")).toEqual([2, '--batch: expected a whole number from 1 on, got "x"']);
  const missing = join(folder, "missing");
  expect(run("--model", missing)).toEqual([1, expect.stringContaining(`${missing}: ENOENT`)]);
});

test("a file that has no sessions is not taken for one", async () => {
  const keep = join(folder, "kept");
  const start = () => startServer(readFileSync(file), { keep });
  const first = await start();
  const { session } = (await ask(`${first.url}/sessions`, "POST")).body;
  await first.stop();
  const [head, line] = readFileSync(keep, "utf8").split("\n") as [string, string];
  for (const [content, why] of [
    ["no sessions", "line 1 is no session of this server"],
    ["{}", "line 1 is no session of this server: it does not begin with a model"],
    [`${head}\n${line.slice(0, -40)}`, "line 2 is no session of this server"],
    [
      `${head}\n${line.replace(/"state":"\w{8}/, '"state":"')}`,
      "line 2 is no session of this server: something is missing",
    ],
    [`${head}\nnull`, "line 2 is no session of this server: something is missing"],
  ] as const) {
    writeFileSync(keep, content);
    await expect(start()).rejects.toMatchObject({
      name: "LstmError",
      file: keep,
      message: expect.stringContaining(why),
    });
  }
  writeFileSync(keep, `${head}\n${line}\n`);
  const second = await start();
  expect((await ask(`${second.url}/sessions/${session}/steps`, "POST", { input: 1 })).status).toBe(200);
  await second.stop();
});

const wish = process.env["REDIS"];
const hasRedis = findRedis() !== undefined && wish !== "none";
if (!hasRedis && wish === "required") throw new Error("REDIS=required, but there is no redis-server");
const why = hasRedis ? "" : ` (SKIPPED: ${wish === "none" ? "REDIS=none asks for none" : "there is no redis-server"})`;

test.skipIf(!hasRedis)(`Redis: any process goes on with a session${why}`, async () => {
  const redis = await Redis.start();
  try {
    const store = redis.url;
    const bytes = readFileSync(file);
    const servers = await Promise.all([1, 2].map(() => startServer(bytes, { store, ttl: 1 })));
    const user = await User.of(servers[0]!);
    for (const [t, input] of INPUTS.entries()) {
      user.moveTo(servers[t % 2]!);
      await user.step(input);
    }
    expect(user.outputs).toEqual(alone(model, INPUTS));

    // At the same time in both, one of them is first.
    const path = `/sessions/${user.session}/steps`;
    const both = () => Promise.all(servers.map(({ url }) => ask(url + path, "POST", { input: 1 })));
    let conflicts = 0;
    for (let i = 0; i < 20; i++) {
      const statuses = (await both()).map(({ status }) => status).sort();
      expect([
        [200, 200],
        [200, 409],
      ]).toContainEqual(statuses);
      if (statuses[1] === 409) conflicts++;
    }
    expect(conflicts).toBeGreaterThan(0);

    // Another model does not take these sessions for its own.
    const other = await createModel({ vocabulary: characters("abcdef"), hiddenSize: 12, layers: 2, seed: 2 });
    const stranger = await startServer(new Uint8Array(await save(other)), { store });
    expect((await ask(stranger.url + path, "POST", { input: 1 })).status).toBe(404);
    await stranger.stop();

    // Whatever else is there under its name is no session, and ends no process.
    const client = createClient({ url: store });
    await client.connect();
    const [key] = (await client.keys(`*${user.session}`)) as [string];
    const damaged = vi.spyOn(console, "error").mockImplementation(() => {});
    for (const value of ["", "0", "x".repeat(10_000)]) {
      await client.set(key, value);
      expect((await ask(servers[0]!.url + path, "POST", { input: 1 })).status).toBe(404);
    }
    expect(damaged).toHaveBeenCalledWith(expect.stringMatching(/^Redis: \d+ bytes are no session/));
    damaged.mockRestore();
    await client.close();

    // Without Redis nothing is answered, and nothing waits.
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    await redis.stop();
    const silent = await ask(servers[0]!.url + path, "POST", { input: 1 });
    expect([silent.status, silent.headers.get("retry-after")]).toEqual([503, "1"]);
    await Promise.all(servers.map((server) => server.stop()));
    expect(log).toHaveBeenCalledWith(expect.stringMatching(/^Redis: /));
    log.mockRestore();
  } finally {
    await redis.stop();
  }
});
