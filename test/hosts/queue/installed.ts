import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../root.js";

const MODULES = fileURLToPath(new URL("node_modules/", import.meta.url));
/** The folder of somebody who has installed the library, and BullMQ beside it. */
const FOLDER = join(ROOT, "build", `queue-${process.pid}`);
const LIBRARY = join(FOLDER, "node_modules", "lstm-wasm");

/** Installs the library beside BullMQ: there it is found, in the clone it is not. */
export async function install(): Promise<void> {
  await mkdir(LIBRARY, { recursive: true });
  const kernels = (await readdir(join(ROOT, "build"))).filter((name) => /simd(-shared)?\.wasm$/.test(name));
  for (const path of ["package.json", "dist/bundle", ...kernels.map((name) => `build/${name}`)])
    await cp(join(ROOT, path), join(LIBRARY, path), { recursive: true });
  for (const name of ["bullmq", "ioredis"])
    await symlink(join(MODULES, name), join(FOLDER, "node_modules", name), "junction");
}

export const uninstall = (): Promise<void> => rm(FOLDER, { recursive: true, force: true });

/** The installed command line at work. */
export class Installed {
  readonly ended: Promise<number | null>;
  stdout = "";
  stderr = "";
  private readonly child: ChildProcess;

  constructor(args: string[], cwd: string) {
    const program = [join(LIBRARY, "dist", "bundle", "cli.js"), ...args];
    this.child = spawn(process.execPath, program, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    for (const name of ["stdout", "stderr"] as const)
      this.child[name]!.setEncoding("utf8").on("data", (piece: string) => {
        this[name] += piece;
      });
    this.ended = once(this.child, "close").then(([code]) => code as number | null);
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.child.kill(signal);
  }
}
