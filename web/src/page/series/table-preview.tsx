import type { TableReport } from "../../common/series.js";

/** How the table is read, fact by fact. */
export function TablePreview({ table }: { readonly table: TableReport }) {
  if (table.facts.length === 0) return null;
  return (
    <ul class="facts" aria-label="How the table is read" data-testid="reading">
      {table.facts.map((fact) => (
        <li key={fact}>{fact}</li>
      ))}
    </ul>
  );
}
