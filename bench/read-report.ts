import { readText } from "#lstm/cli/files.js";
import { InputError } from "#lstm/common/errors.js";

/**
 * What an earlier run wrote with --out.
 *
 * @throws InputError where the file cannot be read or holds no results
 */
export async function readReport<Report extends { readonly results: readonly unknown[] }>(
  path: string,
): Promise<Report> {
  const text = await readText(path);
  try {
    const report = JSON.parse(text) as Report;
    if (Array.isArray(report.results)) return report;
  } catch {}
  throw new InputError(`${path} holds no results of the benchmark: expected what --out wrote`);
}
