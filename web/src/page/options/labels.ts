import { OPTION_HELP } from "#option-help";

/** Labels that say it better than the option's name. */
const LABELS: Readonly<Record<string, string>> = {
  difference: "Differencing",
  hiddenSize: "Hidden units",
  date: "Date column",
  dateFormat: "Dates are written as",
  id: "Series column",
  missing: "Empty cells and missing dates",
  missingAsZero: "Empty cells are 0 in",
  quantiles: "Interval, in percent",
  horizon: "Steps ahead",
  "PREDICT_OPTIONS.horizon": "Rows ahead",
  interval: "Interval, in percent",
  initStd: "Standard deviation",
  level: "Tokens",
  lowercase: "Lower-case",
  maxTokens: "Length",
  "WORD_OPTIONS.maxTokens": "Vocabulary size",
  score: "Mark from a score of",
  season: "Season length",
  topK: "Top-k",
  topP: "Top-p",
  unkToken: "Unknown-word token",
};

/** Choices that read better by another name. */
const CHOICES: Readonly<Record<string, string>> = {
  auto: "automatic",
  "CREATE_OPTIONS.auto": "fastest available",
  first: "changes from row to row",
  seasonal: "changes from season to season",
  window: "by each window",
  char: "characters",
  word: "words",
  adam: "Adam",
  adamw: "AdamW",
  rmsprop: "RMSprop",
  sgd: "SGD",
  mse: "mean squared",
  huber: "Huber",
  error: "Say where, and stop",
  interpolate: "Fill in a straight line",
  drop: "Leave those rows out",
};

/** An option's label: `batchSize` → "Batch size". */
export const labelOf = (option: string, table = ""): string =>
  LABELS[`${table}.${option}`] ?? LABELS[option] ?? capitalized(option.replace(/[A-Z]|\d+/g, " $&").toLowerCase());

export const choiceTitle = (choice: string, table = ""): string =>
  CHOICES[`${table}.${choice}`] ?? CHOICES[choice] ?? choice;

const NAMES = new Set(Object.values(OPTION_HELP).flatMap((table) => Object.keys(table)));

/** An option in backticks, with or without a value; what is quoted; a name that is no word of everyday language. */
const NAMED = /`(\w+)(?:: "?([^`"]*)"?)?`|"(?:[^"\\]|\\.)*"|“[^”]*”|\b[a-z]\w*[A-Z]\w*\b/g;

/** A text that calls options by their labels, as in “Batch size”. What it quotes stays as it is. */
export const withLabels = (text: string, table?: string): string =>
  text.replace(NAMED, (all: string, option = all, value?: string) => {
    if (!NAMES.has(option)) return all;
    return `“${labelOf(option, table)}${value === undefined ? "" : `: ${choiceTitle(value)}`}”`;
  });

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
