import { OptionError } from "lstm-wasm";
import { show } from "../elements/show.js";
import { type Fields, read, type Values } from "./fields.js";
import { labelOf, withLabels } from "./labels.js";

// A link's fragment has what differs from the usual: `text=romeo&recipe=small&hiddenSize=64`, or `tab=numbers&horizon=24`.

/** A form that a link describes. */
export interface LinkedForm<Form> {
  readonly form: Form;
  /** Sentences about what the link has and cannot be. */
  readonly problems: readonly string[];
}

/** How a tab's settings are written into a link, and read from one. */
export interface LinkFormat<Form> {
  /** The fragment for a form. */
  readonly fragmentOf: (form: Form) => string;
  /** Reads a fragment. What cannot be keeps its usual value. */
  readonly readFragment: (fragment: string, before: Form) => LinkedForm<Form>;
}

/** The entries of a fragment for the fields that differ from the usual. */
export const changedEntries = (fields: Fields, values: Values, usual: Values): [string, string][] =>
  Object.keys(fields)
    .filter((option) => values[option] !== usual[option])
    .map((option) => [option, String(values[option])]);

/** One of some choices that a link names; the usual one where it names none, or one that there is not. */
export function readChoice<Name extends string>(
  given: URLSearchParams,
  what: string,
  choices: Readonly<Record<Name, string>>,
  usual: Name,
  problems: string[],
): Name {
  const name = given.get(what);
  if (name === null || Object.hasOwn(choices, name)) return (name ?? usual) as Name;
  problems.push(`${labelOf(what)}: expected ${Object.keys(choices).join(", ")}, got ${show(name)}.`);
  return usual;
}

/**
 * What fields hold once a link's entries are in them.
 *
 * @param others names of entries that belong to no field
 */
export function readEntries(
  given: URLSearchParams,
  fields: Fields,
  usual: Values,
  others: readonly string[],
  problems: string[],
): Values {
  let values = usual;
  for (const [option, content] of given) {
    if (others.includes(option)) continue;
    const problem = problemOf(option, content, fields, values);
    if (problem === undefined) values = { ...values, [option]: typed(values[option], content) };
    else problems.push(problem);
  }
  return values;
}

/** What a field holds for a text of a link: a box is checked or not. */
const typed = (before: string | boolean | undefined, content: string): string | boolean =>
  typeof before === "boolean" ? content === "true" : content;

function problemOf(option: string, content: string, fields: Fields, values: Values): string | undefined {
  if (!Object.hasOwn(fields, option)) return `There is no setting ${show(option)}.`;
  const label = labelOf(option);
  if (typeof values[option] === "boolean" && !["true", "false"].includes(content))
    return `${label}: expected true or false, got ${show(content)}.`;
  try {
    read({ [option]: fields[option]! }, { ...values, [option]: typed(values[option], content) });
    return undefined;
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return `${label}: ${withLabels(error.message.slice(option.length + 2))}.`;
  }
}
