import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LstmError } from "#lstm/common/errors.js";

/** A built checkout of another commit. */
export interface Checkout {
  /** The abbreviated hash. */
  readonly commit: string;
  readonly folder: string;
}

/**
 * Checks a commit out into a folder for temporary files, and builds it: what is missing is installed. A commit's folder is used
 * again the next time.
 *
 * @param name anything that git takes for a commit
 * @param root the repository
 * @throws LstmError if there is no such commit, or it does not build
 */
export function checkOut(name: string, root: string): Checkout {
  const resolved = spawnSync("git", ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`], {
    cwd: root,
    encoding: "utf8",
  });
  if (resolved.status !== 0) throw new LstmError(`git knows no commit ${JSON.stringify(name)} in this repository`);
  const hash = resolved.stdout.trim();
  const commit = hash.slice(0, 12);
  const folder = join(tmpdir(), `lstm-wasm-bench-${commit}`);
  if (!existsSync(join(folder, ".git"))) {
    mkdirSync(folder, { recursive: true });
    execFileSync("git", ["clone", "--quiet", "--shared", "--no-checkout", root, folder]);
    execFileSync("git", ["-c", "advice.detachedHead=false", "checkout", "--quiet", hash], { cwd: folder });
  }
  const { status } = spawnSync(process.execPath, [join("scripts", "run.mjs"), "build"], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) throw new LstmError(`${commit} does not build; see ${folder}`);
  return { commit, folder };
}
