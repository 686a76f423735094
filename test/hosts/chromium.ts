import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../root.js";

/** How a Chromium is started. */
export interface Chromium {
  readonly executablePath: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const HERE = join(ROOT, "test", "hosts");
const PACKAGED = join(HERE, "node_modules", "@sparticuz", "chromium");
const UNPACKED = join(ROOT, "build", "chromium-143.0.4");

const FONTS = "/etc/fonts";

const INSTALLED = [
  "/usr/bin/google-chrome",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/**
 * A Chromium on this machine: the one in the environment variable CHROME_PATH, an installed one, or on x64 Linux the one from
 * npm, which needs no root and is unpacked into the clone.
 *
 * @returns undefined if there is none, or with CHROMIUM=none
 * @throws Error if CHROME_PATH names no file, or if there is none with CHROMIUM=required
 */
export function findChromium(): Chromium | undefined {
  const wish = process.env["CHROMIUM"] ?? "";
  if (!["", "none", "required"].includes(wish)) throw new Error(`CHROMIUM: expected none or required, got ${wish}`);
  const found = wish === "none" ? undefined : search();
  if (!found && wish === "required") throw new Error(`CHROMIUM=required, but ${whyNoChromium()}`);
  return found;
}

/** Why {@link findChromium} found none. */
export function whyNoChromium(): string {
  if (process.env["CHROMIUM"] === "none") return "CHROMIUM=none asks for none";
  return "there is no Chromium here: name one in CHROME_PATH (npm brings one for Linux on x64 alone)";
}

function search(): Chromium | undefined {
  const named = process.env["CHROME_PATH"];
  if (named && !existsSync(named)) throw new Error(`CHROME_PATH: there is no file ${named}`);
  const executablePath = named || INSTALLED.find((path) => existsSync(path));
  // Chromium does not start in its sandbox as root, which is common in containers.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  if (executablePath) return { executablePath, args, env: {} };
  if (process.platform !== "linux" || process.arch !== "x64" || !existsSync(PACKAGED)) return undefined;
  if (!existsSync(UNPACKED)) unpack();
  return {
    executablePath: join(UNPACKED, "chromium"),
    args: ["--no-sandbox"],
    env: {
      LD_LIBRARY_PATH: join(UNPACKED, "al2023", "lib"),
      // It brings a single font.
      FONTCONFIG_PATH: existsSync(FONTS) ? FONTS : join(UNPACKED, "fonts"),
    },
  };
}

/** Unpacks in a process of its own, into its temporary folder, which is renamed when it is complete. */
function unpack(): void {
  const folder = `${UNPACKED}.${process.pid}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const script = `await (await import("@sparticuz/chromium")).default.executablePath()`;
  execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: HERE,
    // The runtime's name makes it unpack the libraries that a machine without a desktop lacks.
    env: { ...process.env, TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: "nodejs20.x" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  renameSync(folder, UNPACKED);
}
