import { useEffect, useRef, useState } from "preact/hooks";
import { NOT_FETCHED } from "../../common/failure.js";
import { fragment, linkedTab, setFragment } from "../elements/address.js";
import type { TextForm } from "./text-form.js";

/** Milliseconds after a change before the address has it: browsers limit how often it may change. */
const PAUSE = 200;

/**
 * Keeps the address a link to the form, and takes the form from the address: when the page opens, and when the user changes it.
 *
 * @returns what the link has and cannot be
 */
export function useLink(form: TextForm, onForm: (form: TextForm) => void): readonly string[] {
  const [problems, setProblems] = useState<readonly string[]>([]);
  const latest = useRef({ form, onForm });
  latest.current = { form, onForm };
  const isFirst = useRef(true);
  useEffect(() => {
    const take = async () => {
      if (fragment() === "" || linkedTab() > 0) return;
      const { readFragment } = await import("./link.js");
      const found = readFragment(fragment(), latest.current.form);
      latest.current.onForm(found.form);
      setProblems(found.problems);
    };
    const takeOrSay = () => take().catch(() => setProblems([NOT_FETCHED]));
    takeOrSay();
    addEventListener("hashchange", takeOrSay);
    return () => removeEventListener("hashchange", takeOrSay);
  }, []);
  const { text, recipe, values } = form;
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return undefined;
    }
    const write = async () => {
      const { fragmentOf } = await import("./link.js");
      if (linkedTab() === 0) setFragment(fragmentOf(latest.current.form));
    };
    // Without a connection the address stays as it is.
    const timer = setTimeout(() => write().catch(() => {}), PAUSE);
    return () => clearTimeout(timer);
  }, [text, recipe, values]);
  return problems;
}
