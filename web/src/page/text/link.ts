import { changedEntries, type LinkedForm, readChoice, readEntries } from "../options/link.js";
import { FIELDS, fillForm, INITIAL_FORM, recipesFor, TEXTS, type TextForm, type TextName } from "./text-form.js";

/** The fragment for a form, empty for that of a first visit. It has no text of the user's. */
export function fragmentOf({ text, recipe, values, own }: TextForm): string {
  const usual = fillForm({ own, values: INITIAL_FORM.values }, text, recipe).values;
  return new URLSearchParams([
    ...(text === INITIAL_FORM.text ? [] : [["text", text]]),
    ...(recipe === INITIAL_FORM.recipe ? [] : [["recipe", recipe]]),
    ...changedEntries(FIELDS, values, usual),
  ]).toString();
}

/** Reads a fragment. What cannot be keeps the recipe's value. */
export function readFragment(fragment: string, before: TextForm): LinkedForm<TextForm> {
  const problems: string[] = [];
  const given = new URLSearchParams(fragment);
  const text = readChoice<TextName>(given, "text", TEXTS, INITIAL_FORM.text, problems);
  const recipe = readChoice(given, "recipe", recipesFor(text), INITIAL_FORM.recipe, problems);
  const form = fillForm({ ...before, values: INITIAL_FORM.values }, text, recipe);
  const values = readEntries(given, FIELDS, form.values, ["tab", "text", "recipe"], problems);
  return { form: { ...form, values }, problems };
}
