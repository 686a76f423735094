import { parseCsvColumns } from "lstm-wasm";

/** The columns of a CSV text that hold numbers alone, or why there are none. */
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
  return { names: [], problem: problem ? `No column holds numbers: ${problem}.` : "No column has rows." };
}

/** The cells of the first line, which may be in quotes. */
export function headerOf(text: string): string[] {
  const line = /^[^\r\n]*/.exec(text.replace(/^\ufeff/, ""))![0];
  const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return cells.map(([, quoted, plain]) => (quoted?.replaceAll('""', '"') ?? plain ?? "").trim()).filter(Boolean);
}
