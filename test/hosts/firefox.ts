import { existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { LaunchOptions } from "playwright";
import { ROOT } from "../root.js";

/** A Firefox as people install it, which Playwright drives by WebDriver BiDi. */
export interface Firefox {
  readonly executablePath: string;
}

/** The first that runs relaxed SIMD, as the tests expect, and knows what Playwright asks of it. */
const OLDEST = 145;

/** Where `.ci/run` unpacks Debian's package if it may not install it. */
const UNPACKED = join(ROOT, "build", "firefox", "usr", "lib", "firefox-esr", "firefox-esr");

const INSTALLED = [
  "/Applications/Firefox.app/Contents/MacOS/firefox",
  "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
];

/**
 * A Firefox on this machine: the one in the environment variable FIREFOX, one that `.ci/run` unpacked, or one on the PATH.
 *
 * @returns undefined if there is none, or with FIREFOX=none
 * @throws Error if FIREFOX names no file, or if there is none with FIREFOX=required
 */
export function findFirefox(): Firefox | undefined {
  const wish = process.env["FIREFOX"] ?? "";
  if (wish === "none") return undefined;
  const isNamed = wish !== "" && wish !== "required";
  if (isNamed && !existsSync(wish)) throw new Error(`FIREFOX: expected a file, none or required; there is no ${wish}`);
  const executablePath = isNamed ? wish : candidates().find((path) => versionOf(path) >= OLDEST);
  if (executablePath === undefined && wish === "required") throw new Error(`FIREFOX=required, but ${whyNoFirefox()}`);
  return executablePath === undefined ? undefined : { executablePath };
}

/** Why {@link findFirefox} found none. */
export function whyNoFirefox(): string {
  if (process.env["FIREFOX"] === "none") return "FIREFOX=none asks for none";
  return `there is no Firefox ${OLDEST} or newer here: name one in FIREFOX`;
}

/** How Playwright starts it: the channel is what makes it speak WebDriver BiDi, which all of Mozilla's releases do. */
export const firefoxOptions = ({ executablePath }: Firefox): LaunchOptions => ({
  channel: "moz-firefox",
  executablePath,
});

function candidates(): string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const onPath = folders.flatMap((folder) => ["firefox-esr", "firefox"].map((name) => join(folder, name)));
  return [UNPACKED, ...onPath, ...INSTALLED].filter((path) => existsSync(path));
}

/**
 * The major version that the file beside the program tells; 0 where there is none, as for scripts that start another one. Such is
 * Ubuntu's, which starts a snap, and that cannot read a profile in the folder for temporary files.
 */
function versionOf(path: string): number {
  const folder = dirname(realpathSync(path));
  const file = [folder, join(folder, "..", "Resources")].map((one) => join(one, "application.ini")).find(existsSync);
  return file === undefined ? 0 : Number(/^Version=(\d+)/m.exec(readFileSync(file, "utf8"))?.[1] ?? 0);
}
