import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** A virtual environment in the competitors' folder, which `--install-python` makes. */
const ENVIRONMENT = ".venv";
const EXECUTABLE = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];

/** What PyPI's packages take on x64 Linux, where PyTorch comes with CUDA. */
export const PYTHON_SIZE = "6 GB";

const environmentPython = (folder: string): string => join(folder, ENVIRONMENT, ...EXECUTABLE);

/** The Python that the environment variable PYTHON names, or the installed one, or any. */
export function python(folder: string): string {
  const installed = environmentPython(folder);
  return process.env["PYTHON"] || (existsSync(installed) ? installed : "python3");
}

/**
 * Makes the virtual environment, or brings its packages up to date.
 *
 * @param folder of the competitors
 * @param log hears what is about to happen
 * @returns why it failed, where it did
 */
export function installPython(folder: string, log: (line: string) => void): string | undefined {
  const environment = join(folder, ENVIRONMENT);
  log(`installing PyTorch, onnxruntime and NumPy into ${environment}: up to ${PYTHON_SIZE}, until you delete it …`);
  const steps: [string, ...string[]][] = [
    [process.env["PYTHON"] || "python3", "-m", "venv", environment],
    [environmentPython(folder), "-m", "pip", "install", "--quiet", "--upgrade", "-r", "requirements.txt"],
  ];
  for (const [command, ...args] of steps) {
    const { status, error } = spawnSync(command, args, { cwd: folder, stdio: ["ignore", 2, 2] });
    if (status !== 0) return `${[command, ...args].join(" ")} failed${error ? `: ${error.message}` : ""}`;
  }
  return undefined;
}
