// Runs `npm run …` and `npm test`: installs and builds whatever is missing or out of date, then does the job. Imports
// only Node's own modules. Only the job writes to stdout.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const here = (...path) => join(root, ...path);
const changed = (path) => (existsSync(path) ? statSync(path).mtimeMs : Number.NEGATIVE_INFINITY);

const SOURCES = [
  "scripts/option-help.mjs",
  "scripts/types.mjs",
  "assembly",
  "src",
  "bench",
  "asconfig.json",
  "tsconfig.json",
  "rolldown.config.mjs",
  "package-lock.json",
];
/** Scripts that are not compiled, and the packages installed beside them. */
const UNCOMPILED = here("bench", "competitors");
const STAMP = here("dist", ".built");
const BACKENDS = ["simd", "relaxed-simd"];
/** One build for unshared and one for shared memory. */
const BUILDS = BACKENDS.flatMap((backend) => [backend, `${backend}-shared`]);
/** The kernels that do not train. */
const FORWARD_BUILDS = BUILDS.map((build) => `forward-${build}`);
/** The kernels of models with int8 weights, which run in unshared memory. */
const INT8_BUILDS = BACKENDS.map((backend) => `int8-${backend}`);
const OUTPUTS = [
  STAMP,
  here("dist", "index.js"),
  here("dist", "bundle", "inline.js"),
  here("dist", "types", "index.d.ts"),
  ...[...BUILDS, ...FORWARD_BUILDS, ...INT8_BUILDS].map((name) => here("build", `${name}.wasm`)),
];
/** The page, its sources besides the library, and the tool that builds and serves it. */
const PAGE = here("build", "web", "index.html");
const PAGE_SOURCES = [
  ...["src", "public", "index.html", "offline.ts", "vite.config.ts", "package-lock.json"].map((name) =>
    here("web", name),
  ),
  here("examples", "airline-passengers.csv"),
];
const VITE = here("web", "node_modules", "vite", "bin", "vite.js");

/** Tests that `npm test` leaves out, by the environment variable that asks for them. */
const OTHER_TESTS = {
  "test:timing": { variable: "TIMING", value: "1" },
  "test:browsers": { variable: "ENGINES", value: "firefox,webkit" },
  "check:site": {
    variable: "SITE",
    value: "1",
    files: ["--project", "node alone", "--project", "Firefox", "test/hosts/site"],
  },
  "check:package": { variable: "REGISTRY", value: "1", files: ["--project", "node alone", "test/hosts/registry"] },
};

/** When a file, or any compiled file in a folder, last changed. A folder changes when an entry is added or removed. */
function newest(path) {
  if (path === UNCOMPILED) return Number.NEGATIVE_INFINITY;
  const own = changed(path);
  if (own === Number.NEGATIVE_INFINITY || !statSync(path).isDirectory()) return own;
  return Math.max(own, ...readdirSync(path).map((entry) => newest(join(path, entry))));
}

/** Runs a program with its output on stderr, and exits if it fails. */
function run(what, command, args, options = {}) {
  process.stderr.write(`${what} …\n`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], ...options });
  if (status === 0) return;
  process.stderr.write(`${what} failed${error ? `: ${error.message}` : ""}\n`);
  process.exit(1);
}

/** Runs a program installed by npm, by the path of its script. */
const node = (what, script, ...args) => run(what, process.execPath, [resolve(here("node_modules"), script), ...args]);

/** What every .wasm file is made of: the sources, the compiler's options, and its version. */
const OF_KERNELS = ["assembly", "asconfig.json", "package-lock.json"].map((name) => here(name));

/** Whether a .wasm file is newer than what it is made of. */
const isCurrent = (name, ...others) =>
  changed(here("build", `${name}.wasm`)) > Math.max(...[...OF_KERNELS, ...others].map(newest));

/** Compiles a build of the kernels if it is out of date. */
function kernels(target, entry) {
  if (isCurrent(target)) return;
  node(`compiling kernels: ${target}`, "assemblyscript/bin/asc.js", `assembly/${entry}.ts`, "--target", target);
}

/** Installs the packages of a folder if they are missing or do not match its lock file. */
function install(...folder) {
  if (changed(here(...folder, "node_modules", ".package-lock.json")) >= changed(here(...folder, "package-lock.json")))
    return;
  const what = folder.length === 0 ? "installing packages" : `installing packages of ${folder.join("/")}`;
  // With NODE_ENV=production, npm leaves out what builds and tests. On Windows, it is a .cmd file, which needs a shell.
  run(what, "npm", ["ci", "--include=dev", "--loglevel=error"], {
    cwd: here(...folder),
    shell: process.platform === "win32",
  });
}

/** Removes what earlier sources were compiled to: all modules in dist/ are published. */
function removeStale() {
  if (!existsSync(here("dist"))) return;
  for (const name of readdirSync(here("dist"), { recursive: true })) {
    const source = name.replace(/\.(?:js|d\.ts)$/, ".ts");
    const isCompiled = source !== name && !/^(?:bundle|types)\b/.test(name);
    if (isCompiled && !existsSync(here("src", source)) && !existsSync(here("src", name))) rmSync(here("dist", name));
  }
}

function build() {
  const sources = Math.max(...SOURCES.map((source) => newest(here(source))));
  if (OUTPUTS.every(existsSync) && changed(STAMP) > sources) return;
  for (const target of BUILDS) kernels(target, "index");
  for (const target of FORWARD_BUILDS) kernels(target, "forward");
  for (const target of INT8_BUILDS) kernels(target, "int8");
  for (const target of BACKENDS) {
    if (isCurrent(`ceiling-${target}`, here("bench", "measure", "ceiling.ts"))) continue;
    const ceiling = [
      "assembly/index.ts",
      "bench/measure/ceiling.ts",
      "--target",
      target,
      "--outFile",
      `build/ceiling-${target}.wasm`,
    ];
    node(`compiling ceiling: ${target}`, "assemblyscript/bin/asc.js", ...ceiling);
  }
  removeStale();
  node("compiling TypeScript", "typescript/bin/tsc", "--build", "tsconfig.json", "bench/tsconfig.json");
  node("collecting types to publish", here("scripts", "types.mjs"));
  node("collecting help texts", here("scripts", "option-help.mjs"));
  rmSync(here("dist", "bundle"), { recursive: true, force: true });
  node("bundling", "rolldown/bin/cli.mjs", "--config", "rolldown.config.mjs", "--log-level", "warn");
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, "");
}

/** Compiles the kernels that check their arguments, for tests only. */
const buildDebug = () => kernels("debug", "index");

/** Compiles programs that share code with the tests, in a folder there, if they are out of date. */
function buildBesideTests(name) {
  const built = changed(here("build", name, "tsconfig.tsbuildinfo"));
  if (built > Math.max(newest(here("test")), changed(STAMP))) return;
  node(`compiling test/${name}`, "typescript/bin/tsc", "--build", `test/${name}/tsconfig.json`);
  // The compiler leaves it alone when nothing has changed for it.
  const now = new Date();
  utimesSync(here("build", name, "tsconfig.tsbuildinfo"), now, now);
}

/** Commands that prove what the documents claim, by the scripts that run them. */
const PROOFS = {
  inject: ["inject", "main.js"],
  golden: ["golden", "main.js"],
  soak: ["soak", "main.js"],
};

const FUZZ_HELP = `usage: npm run fuzz -- [--runs N] [--from SEED] [--kind TEXT] [NAME …]

Gives every reader of files N damaged ones (default 10000): checkpoints, tables, .ts and .tsf files, vocabularies, and all formats
that convert reads. Half of them are made of sound files, half of those in test/corpus, which were once read wrongly. Each has to be
read or refused, in time. With names, only the tests whose paths contain one of them; with --kind "an ml5", only what is called so.
`;

/** The tests of readers with damaged files, more of them than npm test tries. */
function fuzz(args) {
  const options = {
    runs: { type: "string", default: "10000" },
    from: { type: "string", default: "0" },
    kind: { type: "string" },
  };
  const { values, positionals } = parseArgs({
    args,
    options: { ...options, help: { type: "boolean" } },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(FUZZ_HELP);
    return;
  }
  Object.assign(process.env, { FUZZ_RUNS: values.runs, FUZZ_FROM: values.from, CHROMIUM: "none" });
  const tests = ["test/fuzz", "test/convert/fuzz", "test/checkpoint/checkpoint.fuzz", "test/checkpoint/safetensors"];
  const chosen = tests.filter((test) => positionals.length === 0 || positionals.some((name) => test.includes(name)));
  const projects = ["--project", "node", "--project", "node alone"];
  const kind = values.kind === undefined ? [] : ["--testNamePattern", values.kind];
  start(here("node_modules", "vitest", "vitest.mjs"), ["run", ...projects, ...kind, ...chosen]);
}

/** Installs what the tests over Redis need, where there is one: as test/hosts/queue/redis.ts looks for it. */
function installQueue() {
  if (process.env.REDIS === "none") return;
  const isThere = () => spawnSync("redis-server", ["--version"], { stdio: "ignore" }).status === 0;
  if (process.env.REDIS_SERVER || existsSync(here("build", "redis")) || isThere()) install("test", "hosts", "queue");
}

/** Builds the page if it is out of date. */
function buildPage() {
  install("web");
  if (changed(PAGE) > Math.max(changed(STAMP), ...PAGE_SOURCES.map(newest))) return;
  node("building the page", VITE, "build", here("web"), "--logLevel", "warn");
}

/** Builds the site, with the page in it. */
function buildSite() {
  buildPage();
  install("site");
  node("building the site", here("site", "build.mjs"));
}

/**
 * Starts a Node script in this terminal, and exits with its status. Ctrl-C reaches the script directly; SIGTERM is
 * forwarded.
 */
function start(script, args, nodeOptions = []) {
  const child = spawn(process.execPath, [...nodeOptions, script, ...args], { stdio: "inherit" });
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}

const [job = "build", ...args] = process.argv.slice(2);
if (job !== "build:debug") {
  install();
  build();
}
if (job === "test" || job in OTHER_TESTS) {
  buildDebug();
  install("test", "hosts");
  if (job === "test") installQueue();
  if (job === "check:site") buildSite();
  if (job === "check:package") install("test", "hosts", "registry");
  const { variable, value, files = [] } = OTHER_TESTS[job] ?? {};
  if (variable) process.env[variable] ??= value;
  start(here("node_modules", "vitest", "vitest.mjs"), ["run", ...files, ...args]);
} else if (job === "bench") start(here("build", "bench", "main.js"), args);
else if (job === "bench:release") start(here("scripts", "bench-release.mjs"), args);
else if (job === "release") start(here("scripts", "release.mjs"), args);
else if (job === "build:site") buildSite();
else if (job === "bench:peers") start(here("build", "bench", "peers", "main.js"), args);
else if (job === "results") start(here("build", "bench", "results", "main.js"), args);
else if (job === "campaign") {
  buildBesideTests("campaign");
  start(here("build", "campaign", "campaign", "main.js"), args);
} else if (job === "fuzz") {
  buildDebug();
  install("test", "hosts");
  fuzz(args);
} else if (job in PROOFS) {
  buildBesideTests("proof");
  if (job === "golden") install("test", "hosts");
  start(here("build", "proof", "proof", ...PROOFS[job]), args, job === "soak" ? ["--expose-gc"] : []);
} else if (job === "docs") start(here("node_modules", "typedoc", "bin", "typedoc"), args);
else if (job === "web") {
  install("web");
  start(VITE, [here("web"), ...args]);
} else if (job === "build:web") buildPage();
else if (job === "build:debug") buildDebug();
else if (job === "check") {
  install("web");
  node("checking formatting and lint", "@biomejs/biome/bin/biome", "ci", ".");
  node("checking imports", here("scripts", "import-graph.mjs"));
  for (const project of ["test", "web"]) node(`checking types: ${project}`, "typescript/bin/tsc", "-p", project);
} else if (job === "example") start(here("examples", `${args[0]}.mjs`), args.slice(1));
else if (job !== "build") {
  // npm runs scripts in the package's folder; paths are relative to the user's folder.
  process.chdir(process.env.INIT_CWD ?? process.cwd());
  process.argv.splice(1, Infinity, here("dist", "bundle", "cli.js"), job, ...args);
  await import("../dist/bundle/cli.js");
}
