import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../../root.js";

/** Where `.ci/run` installs a wheel of PyPI that has a Redis, which needs no root. */
const WHEEL = join(ROOT, "build", "redis");

/** The program of a Redis: that of REDIS_SERVER, the wheel's, or the system's. */
export function findRedis(): string | undefined {
  const named = process.env["REDIS_SERVER"];
  if (named) return named;
  if (existsSync(WHEEL)) {
    const found = readdirSync(WHEEL, { recursive: true, encoding: "utf8" }).find((path) =>
      /[\\/]redis-server$/.test(path),
    );
    if (found !== undefined) return join(WHEEL, found);
  }
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return "redis-server";
  } catch {
    return undefined;
  }
}

/** Why the tests over Redis cannot run; undefined if they can. @throws Error if REDIS=required */
export function whyNoRedis(): string | undefined {
  const wish = process.env["REDIS"];
  const missing = existsSync(new URL("node_modules/bullmq", import.meta.url)) ? [] : ["BullMQ is not installed"];
  if (findRedis() === undefined) missing.unshift("there is no redis-server");
  if (wish === "none") return "REDIS=none asks for none";
  if (missing.length === 0) return undefined;
  if (wish === "required") throw new Error(`REDIS=required, but ${missing[0]}`);
  return missing[0];
}

/** A Redis of a test's own, on this machine only, that keeps nothing. */
export class Redis {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly url: string,
    readonly port: number,
  ) {}

  /** @param wanted the port of one that was stopped */
  static async start(wanted?: number): Promise<Redis> {
    const folder = await mkdtemp(join(tmpdir(), "lstm-wasm-redis-"));
    const port = wanted ?? (await freePort());
    const options = { port, bind: "127.0.0.1", dir: folder, save: "", appendonly: "no", loglevel: "warning" };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    const child = spawn(findRedis()!, args, { stdio: ["ignore", "ignore", "inherit"] });
    const redis = new Redis(child, folder, `redis://127.0.0.1:${port}`, port);
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
      await sleep(20);
    }
    return redis;
  }

  async stop(): Promise<void> {
    this.child.kill("SIGKILL");
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Whether a Redis listens. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    socket.write("PING\r\n");
    const [piece] = await once(socket, "data");
    return String(piece).startsWith("+PONG");
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
