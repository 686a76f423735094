import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execute } from "../consumers/project.js";

const HERE = fileURLToPath(new URL(".", import.meta.url));
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SHELL = process.platform === "win32";
const LIMIT = 120_000;

/** A registry on this machine alone, which passes on other packages from the one that npm is configured for. */
export class Registry implements AsyncDisposable {
  private constructor(
    private readonly folder: string,
    readonly address: string,
    private readonly process: ChildProcess,
  ) {}

  /** @param folder what it needs is written there; packages of others are kept for the next time */
  static async start(folder: string): Promise<Registry> {
    const { stdout: upstream } = await execute("npm", ["config", "get", "registry"], { cwd: ROOT, shell: SHELL });
    const port = await freePort();
    const address = `http://127.0.0.1:${port}/`;
    await rm(join(folder, "storage", "lstm-wasm"), { recursive: true, force: true });
    await rm(join(folder, "npm-cache", "_npx"), { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const config = join(folder, "config.json");
    const packages = {
      "lstm-wasm": { access: "$all", publish: "$all", unpublish: "$all" },
      "**": { access: "$all", proxy: "upstream" },
    };
    const settings = {
      storage: join(folder, "storage"),
      uplinks: { upstream: { url: upstream.trim(), timeout: "60s" } },
      packages,
      auth: { htpasswd: { file: join(folder, "htpasswd") } },
      web: { enable: false },
      log: { type: "stdout", format: "pretty", level: "warn" },
    };
    await writeFile(config, JSON.stringify(settings));
    const program = join(HERE, "node_modules", "verdaccio", "bin", "verdaccio");
    const child = spawn(process.execPath, [program, "--config", config, "--listen", `127.0.0.1:${port}`], {
      cwd: folder,
      stdio: "ignore",
    });
    const registry = new Registry(folder, address, child);
    await registry.isUp();
    return registry;
  }

  /** What makes npm, Deno and Bun use it, with a cache of its own. Anybody may publish, but npm wants a token. */
  get environment(): NodeJS.ProcessEnv {
    const own = {
      npm_config_registry: this.address,
      NPM_CONFIG_REGISTRY: this.address,
      BUN_CONFIG_REGISTRY: this.address,
    };
    const quiet = { npm_config_audit: "false", npm_config_fund: "false", npm_config_update_notifier: "false" };
    const caches = { npm_config_cache: join(this.folder, "npm-cache"), DENO_DIR: join(this.folder, "deno") };
    return { ...process.env, ...own, ...quiet, ...caches, BUN_INSTALL_CACHE_DIR: join(this.folder, "bun") };
  }

  /** Runs a program in a folder as somebody who has no other registry. */
  run(program: string, args: string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
    const shell = SHELL && ["npm", "npx"].includes(program);
    return execute(program, args, { cwd, env: this.environment, timeout: LIMIT, shell });
  }

  /**
   * Publishes this checkout, as it is built, with the workflow's script.
   *
   * @returns what it says
   */
  async publish(): Promise<string> {
    const userconfig = join(this.folder, "npmrc");
    await writeFile(userconfig, `${this.address.replace("http:", "")}:_authToken=anybody\n`);
    const script = join(ROOT, "scripts", "release", "publish.mjs");
    const { stdout } = await this.run(process.execPath, [script, "--ignore-scripts", "--userconfig", userconfig], ROOT);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    if (this.process.exitCode === null && this.process.kill()) await ended;
  }

  private async isUp(): Promise<void> {
    for (let waited = 0; waited < 30_000; waited += 100) {
      if (this.process.exitCode !== null) break;
      const answer = await fetch(`${this.address}-/ping`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this[Symbol.asyncDispose]();
    throw new Error("the registry does not start: see test/hosts/registry");
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
