import { OptionError } from "lstm-wasm";
import { show } from "../elements/show.js";
import { read } from "../options/fields.js";
import { labelOf, withLabels } from "../options/labels.js";
import { FIELDS, fillForm, INITIAL_FORM, recipesFor, TEXTS, type TextForm, type TextName } from "./text-form.js";

// A link's fragment has what differs from the recipe: `text=romeo&recipe=small&hiddenSize=64`. A text of the user's is not in it.

/** The fragment for a form, empty for that of a first visit. */
export function fragmentOf(form: TextForm): string {
  const { text, recipe, values } = form;
  const usual = fillForm({ ...form, values: INITIAL_FORM.values }, text, recipe).values;
  const changed = Object.keys(FIELDS).filter((option) => values[option] !== usual[option]);
  return new URLSearchParams([
    ...(text === INITIAL_FORM.text ? [] : [["text", text]]),
    ...(recipe === INITIAL_FORM.recipe ? [] : [["recipe", recipe]]),
    ...changed.map((option) => [option, String(values[option])]),
  ]).toString();
}

/** A form that a link describes. */
export interface LinkedForm {
  readonly form: TextForm;
  /** Sentences about what it has and cannot be. */
  readonly problems: readonly string[];
}

/** Reads a fragment. What cannot be keeps the recipe's value. */
export function readFragment(fragment: string, before: TextForm): LinkedForm {
  const problems: string[] = [];
  const given = new URLSearchParams(fragment);
  const chosen = <Name extends string>(what: string, choices: Readonly<Record<Name, string>>, usual: Name): Name => {
    const name = given.get(what);
    if (name === null || Object.hasOwn(choices, name)) return (name ?? usual) as Name;
    problems.push(`${labelOf(what)}: expected ${Object.keys(choices).join(", ")}, got ${show(name)}.`);
    return usual;
  };
  const text = chosen<TextName>("text", TEXTS, INITIAL_FORM.text);
  const recipe = chosen("recipe", recipesFor(text), INITIAL_FORM.recipe);
  let form = fillForm({ ...before, values: INITIAL_FORM.values }, text, recipe);
  for (const [option, content] of given) {
    if (["tab", "text", "recipe"].includes(option)) continue;
    const problem = problemOf(option, content, form);
    if (problem === undefined) form = { ...form, values: { ...form.values, [option]: typed(option, content) } };
    else problems.push(problem);
  }
  return { form, problems };
}

/** What a field holds for a text of a link: a box is checked or not. */
const typed = (option: string, content: string): string | boolean =>
  typeof INITIAL_FORM.values[option] === "boolean" ? content === "true" : content;

function problemOf(option: string, content: string, form: TextForm): string | undefined {
  if (!Object.hasOwn(FIELDS, option)) return `There is no setting ${show(option)}.`;
  const label = labelOf(option);
  if (typeof INITIAL_FORM.values[option] === "boolean" && !["true", "false"].includes(content))
    return `${label}: expected true or false, got ${show(content)}.`;
  try {
    read({ [option]: FIELDS[option]! }, { ...form.values, [option]: typed(option, content) });
    return undefined;
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return `${label}: ${withLabels(error.message.slice(option.length + 2))}.`;
  }
}
