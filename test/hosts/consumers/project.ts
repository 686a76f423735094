import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Result } from "./expected.js";

export const execute = promisify(execFile);

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PROGRAM = new URL("program.mjs", import.meta.url);

/** The program with the entries that it imports: what `lstm-wasm/inline` has inside, `lstm-wasm` has in entries of their own. */
export const importing = (code: string, library: string): string =>
  code.replaceAll("LIBRARY", library).replaceAll("PRESETS", library.replace(/lstm-wasm$/, "lstm-wasm/presets"));

/** The folder of somebody who has installed the packed library. */
export class Project {
  private constructor(
    readonly folder: string,
    readonly tarball: string,
  ) {}

  /** Packs the library and installs the tarball into a folder of this name, as a user does. */
  static async install(name: string): Promise<Project> {
    const folder = join(ROOT, "build", "consumers", name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
    const shell = process.platform === "win32";
    const npm = (cwd: string, ...args: string[]) => execute("npm", [...args, "--loglevel=error"], { cwd, shell });
    await npm(ROOT, "pack", "--ignore-scripts", "--pack-destination", folder);
    const tarball = (await readdir(folder)).find((file) => file.endsWith(".tgz"))!;
    await npm(folder, "install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`);
    return new Project(folder, join(folder, tarball));
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Writes a file, and the folders that it lies in. */
  async write(name: string, content: string): Promise<string> {
    const path = this.path(name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  /** Writes the program into a file, with the entry that it imports, and after some changes. */
  async writeProgram(name: string, library: string, change = (code: string): string => code): Promise<string> {
    const code = await readFile(PROGRAM, "utf8");
    return this.write(name, change(importing(code, library)));
  }

  /** Runs a program and reads the line that it prints. */
  async resultOf(program: string, ...args: string[]): Promise<Result> {
    const { stdout } = await execute(program, args, { cwd: this.folder });
    return JSON.parse(stdout) as Result;
  }
}
