import { parseCsvColumns } from "lstm-wasm";

/** The numeric columns of a CSV text, or why there are none. */
export function columnsIn(text: string): { readonly names: readonly string[]; readonly problem?: string } {
  const names = headerOf(text);
  let problem: string | undefined;
  const numeric = names.filter((name) => {
    try {
      return parseCsvColumns(text, [name]).get(name)!.length > 0;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      return false;
    }
  });
  if (numeric.length > 0) return { names: numeric };
  return { names: [], problem: problem ? `No column is numeric: ${problem}.` : "The table has no rows." };
}

/** The cells of the first line, quoted or not. */
export function headerOf(text: string): string[] {
  const line = /^[^\r\n]*/.exec(text.replace(/^\ufeff/, ""))![0];
  const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return cells.map(([, quoted, plain]) => (quoted?.replaceAll('""', '"') ?? plain ?? "").trim()).filter(Boolean);
}
