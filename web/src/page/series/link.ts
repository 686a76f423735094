import { changedEntries, type LinkedForm, readChoice, readEntries } from "../options/link.js";
import { exampleForm, FIELDS, FORECASTER_FIELDS, INITIAL_FORM, ownForm, type SeriesForm } from "./series-form.js";

const TAB = "tab=numbers";
const SERIES = { airline: "Airline passengers", own: "Your own" } as const;

/** A table of the user's suggests by itself what it is about: its links have no such settings. */
const fieldsFor = (data: SeriesForm["data"]) =>
  data === "own"
    ? Object.fromEntries(Object.entries(FIELDS).filter(([option]) => !(option in FORECASTER_FIELDS)))
    : FIELDS;

const usualFor = (data: SeriesForm["data"], own: SeriesForm["own"]): SeriesForm =>
  data === "own" ? ownForm(INITIAL_FORM, own) : exampleForm({ own, values: INITIAL_FORM.values });

/** The fragment for a form. It has no table of the user's. */
export function fragmentOf({ data, own, values }: SeriesForm): string {
  const entries = new URLSearchParams([
    ...(data === INITIAL_FORM.data ? [] : [["series", data]]),
    ...changedEntries(fieldsFor(data), values, usualFor(data, own).values),
  ]).toString();
  return entries === "" ? TAB : `${TAB}&${entries}`;
}

/** Reads a fragment. What cannot be keeps its usual value. */
export function readFragment(fragment: string, { own }: SeriesForm): LinkedForm<SeriesForm> {
  const problems: string[] = [];
  const given = new URLSearchParams(fragment);
  const data = readChoice(given, "series", SERIES, INITIAL_FORM.data, problems);
  const form = usualFor(data, own);
  const values = readEntries(given, fieldsFor(data), form.values, ["tab", "series"], problems);
  return { form: { ...form, values }, problems };
}
