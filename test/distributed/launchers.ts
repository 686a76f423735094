import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** An MPI installation. */
export interface Launcher {
  readonly name: string;
  /** The start of a command that runs the rest in so many processes. */
  readonly command: (processes: number) => string[];
  /** The library's file, where it cannot be found by itself. */
  readonly library: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** Where `.ci/run` installs the wheels of PyPI, which need no root. */
const WHEELS = fileURLToPath(new URL("../../build/mpi/", import.meta.url));

/** Tests run more processes than there are cores, and some machines know no user but root. */
const ENV = Object.fromEntries(
  ["OMPI", "PRTE"].flatMap((name) => [
    [`${name}_ALLOW_RUN_AS_ROOT`, "1"],
    [`${name}_ALLOW_RUN_AS_ROOT_CONFIRM`, "1"],
  ]),
);

function launcherAt(path: string, library?: string): Launcher | undefined {
  const { stdout, error } = spawnSync(path, ["--version"], { encoding: "utf8", env: { ...process.env, ...ENV } });
  if (error) return undefined;
  const isOpenMpi = /Open MPI|OpenRTE|PRRTE/i.test(stdout);
  const version = /\d+\.\d+[.\w]*/.exec(stdout)?.[0] ?? "";
  const flags = isOpenMpi ? ["--oversubscribe"] : [];
  return {
    name: `${isOpenMpi ? "Open MPI" : "MPICH"} ${version}${library?.includes("_abi") ? " by the ABI of MPI 5" : ""}`,
    command: (processes) => [path, ...flags, "-n", `${processes}`],
    library,
    env: ENV,
  };
}

/** The MPI installations of this machine: at most one of each version. */
export function findLaunchers(): Launcher[] {
  const found = new Map<string, Launcher>();
  const add = (launcher: Launcher | undefined) => {
    if (launcher && !found.has(launcher.name)) found.set(launcher.name, launcher);
  };
  for (const [folder, names] of [
    ["openmpi", ["libmpi.so.40"]],
    ["mpich", ["libmpi.so.12", "libmpi_abi.so.1"]],
  ] as const)
    for (const name of names) {
      const library = `${WHEELS}${folder}/lib/${name}`;
      if (existsSync(library)) add(launcherAt(`${WHEELS}${folder}/bin/mpirun`, library));
    }
  for (const command of ["mpirun", "mpirun.openmpi", "mpirun.mpich"]) add(launcherAt(command));
  return [...found.values()];
}

/**
 * The MPI installations to test with.
 *
 * @throws Error if there is none, but MPI=required
 */
export function launchers(): Launcher[] {
  if (process.env["MPI"] === "none") return [];
  const found = findLaunchers();
  if (found.length > 0) return found;
  if (process.env["MPI"] === "required") throw new Error("MPI=required, but there is no mpirun");
  console.error("SKIPPED the tests over MPI: there is no mpirun");
  return [];
}
