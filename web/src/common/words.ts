const INTEGER = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 2000 → "2,000" */
export const count = (value: number): string => INTEGER.format(value);

/** 1, "row" → "1 row"; 2000, "row" → "2,000 rows" */
export const plural = (value: number, noun: string, nouns = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : nouns}`;
