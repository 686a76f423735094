import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../../root.js";

const SOURCE = join(ROOT, "test", "proof", "inject", "inject.c");
const LIBRARY = join(ROOT, "build", "inject.so");

/** The library that makes system calls fail, compiled if it is out of date; or why there is none. */
export function injector(): { readonly library: string } | { readonly missing: string } {
  if (process.platform !== "linux") return { missing: "system calls are made to fail on Linux only" };
  if (existsSync(LIBRARY) && statSync(LIBRARY).mtimeMs > statSync(SOURCE).mtimeMs) return { library: LIBRARY };
  mkdirSync(dirname(LIBRARY), { recursive: true });
  // Another process may be compiling it, too.
  const own = `${LIBRARY}.${process.pid}`;
  const { error, status, stderr } = spawnSync("cc", ["-shared", "-fPIC", "-O1", "-o", own, SOURCE, "-ldl"], {
    encoding: "utf8",
  });
  if (error) return { missing: "there is no C compiler, cc" };
  if (status !== 0) return { missing: `cc cannot compile inject.c: ${stderr.trim().split("\n")[0]}` };
  renameSync(own, LIBRARY);
  return { library: LIBRARY };
}
