import { readText } from "#lstm/cli/texts.js";
import { InputError } from "#lstm/common/errors.js";

/**
 * Reads a file that --out wrote.
 *
 * @throws InputError for a file that cannot be read or holds no results
 */
export async function readReport<Report extends { readonly results: readonly unknown[] }>(
  path: string,
): Promise<Report> {
  const text = await readText(path);
  try {
    const report = JSON.parse(text) as Report;
    if (Array.isArray(report.results)) return report;
  } catch {}
  throw new InputError(`${path} holds no benchmark results: expected a file that --out wrote`);
}
