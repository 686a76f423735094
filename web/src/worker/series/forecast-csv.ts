import type { Forecast } from "lstm-wasm/forecast";

/** Forecasts as CSV, as the command line writes them: series, date or else the number of the row, value and quantiles. */
export function forecastCsv(forecasts: readonly Forecast[], target: string): string {
  const hasIds = forecasts.some(({ id }) => id !== undefined);
  const isDated = forecasts.every(({ dates }) => dates !== undefined);
  const levels = Object.keys(forecasts[0]?.quantiles ?? {}).sort((a, b) => Number(a) - Number(b));
  const head = [
    ...(hasIds ? ["id"] : []),
    isDated ? "date" : "row",
    target,
    ...levels.map((level) => `${target} ${level}`),
  ];
  const lines = forecasts.flatMap(({ id = "", from, dates, mean, quantiles }) =>
    mean.map((value, step) => {
      const place = isDated ? dates![step]! : String(from + step + 1);
      const numbers = [value, ...levels.map((level) => quantiles[level]![step]!)];
      return [...(hasIds ? [cell(id)] : []), place, ...numbers].join(",");
    }),
  );
  return `${[head.map(cell).join(","), ...lines].join("\n")}\n`;
}

const cell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
