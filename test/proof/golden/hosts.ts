import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { findChromium, whyNoChromium } from "../../hosts/chromium.js";
import { findFirefox, whyNoFirefox } from "../../hosts/firefox.js";
import { ISOLATION, serve } from "../../hosts/serve.js";
import { ROOT } from "../../root.js";

/** The hashes of the golden runs: of all, and of each by its name. */
export interface Hashes {
  /** Of the host. */
  readonly version: string;
  readonly hash: string;
  readonly hashes: Readonly<Record<string, string>>;
}

/** Something that JavaScript runs in. */
export interface Host {
  readonly name: string;
  /** Makes the runs; absent if the host is. */
  readonly run?: () => Promise<Hashes>;
  /** Where the host would have to be. */
  readonly missing?: string;
}

const HERE = join(ROOT, "test", "proof", "golden");
/** Where `--install` puts the releases of Node. */
export const NODES = join(ROOT, "build", "golden");
export const RELEASES = [20, 22, 24, 26];
const LONGEST = 300_000;

const execute = promisify(execFile);

/** All hosts, those that are missing included. */
export function allHosts(): Host[] {
  const inHosts = (path: string) => join(ROOT, "test", "hosts", "node_modules", path);
  return [
    program(`Node ${Number.parseInt(process.versions.node, 10)}`, process.execPath, []),
    ...RELEASES.filter((release) => release !== Number.parseInt(process.versions.node, 10)).map((release) =>
      program(`Node ${release}`, join(NODES, "node_modules", `node${release}`, "bin", "node"), [], "pass --install"),
    ),
    program("Deno", inHosts("@deno/linux-x64-glibc/deno"), ["run", "--allow-read", "--no-remote"]),
    program("Bun", inHosts("@oven/bun-linux-x64/bin/bun"), ["run"]),
    ...chromium(),
    ...firefox(),
  ];
}

function program(name: string, path: string, args: readonly string[], advice = "npm test installs it"): Host {
  if (!existsSync(path)) return { name, missing: `there is none here (${advice})` };
  return { name, run: () => inProgram(path, args) };
}

/** The host that a command starts, words between spaces. */
export function hostOf(command: string): Host {
  const [program = "", ...args] = command.split(" ");
  return { name: basename(program), run: () => inProgram(program, args) };
}

async function inProgram(path: string, args: readonly string[]): Promise<Hashes> {
  const { stdout } = await execute(path, [...args, join(HERE, "host.mjs")], { cwd: ROOT, timeout: LONGEST });
  return JSON.parse(stdout) as Hashes;
}

function chromium(): Host[] {
  const found = findChromium();
  return [true, false].map((shares) => {
    const name = `Chromium, ${shares ? "shared memory" : "no shared memory"}`;
    if (!found) return { name, missing: whyNoChromium() };
    const args = (profile: string) => [...found.args, "--headless=new", "--disable-gpu", `--user-data-dir=${profile}`];
    return { name, run: () => inBrowser(found.executablePath, args, found.env, shares) };
  });
}

function firefox(): Host[] {
  const found = findFirefox();
  return [true, false].map((shares) => {
    const name = `Firefox, ${shares ? "shared memory" : "no shared memory"}`;
    if (!found) return { name, missing: whyNoFirefox() };
    const args = (profile: string) => ["--headless", "--no-remote", "--profile", profile];
    return { name, run: () => inBrowser(found.executablePath, args, {}, shares) };
  });
}

/** Opens a page with the runs in a browser of its own, and waits for what it sends. */
async function inBrowser(
  path: string,
  args: (profile: string) => readonly string[],
  env: Readonly<Record<string, string>>,
  shares: boolean,
): Promise<Hashes> {
  let [resolve, reject]: [(hashes: Hashes) => void, (error: Error) => void] = [() => {}, () => {}];
  const promise = new Promise<Hashes>((...functions) => {
    [resolve, reject] = functions;
  });
  const file = (name: string) => readFileSync(join(HERE, name), "utf8");
  await using site = await serve({
    files: {
      "/": `<!doctype html><meta charset="utf-8"><title>golden</title><body><script type="module" src="/page.mjs"></script>`,
      "/page.mjs": file("page.mjs"),
      "/runs.mjs": file("runs.mjs"),
    },
    types: { ".mjs": "text/javascript; charset=utf-8" },
    headers: shares ? ISOLATION : {},
    receive: (text) => {
      const { error, ...hashes } = JSON.parse(text) as Hashes & { error?: string };
      if (error === undefined) resolve(hashes);
      else reject(new Error(error));
    },
  });
  const profile = mkdtempSync(join(tmpdir(), "lstm-wasm-"));
  const browser = spawn(path, [...args(profile), `${site.origin}/`], {
    env: { ...process.env, ...env },
    stdio: "ignore",
  });
  const ended = new Promise<void>((done) => browser.once("close", () => done()));
  browser.once("error", reject);
  browser.once("close", (code) => reject(new Error(`${path} ended with ${code} before the page was done`)));
  const timer = setTimeout(() => reject(new Error(`no result after ${LONGEST / 1000} s`)), LONGEST);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    browser.kill();
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
