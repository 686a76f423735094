import { useEffect, useRef, useState } from "preact/hooks";
import { NOT_FETCHED } from "../../common/failure.js";
import { fragment, linkedTab, setFragment } from "../elements/address.js";
import type { LinkFormat } from "./link.js";

/** Milliseconds after a change before the address has it: browsers limit how often it may change. */
const PAUSE = 200;

/** Whether a fragment says more than which tab is meant. */
const hasSettings = (fragment: string): boolean =>
  [...new URLSearchParams(fragment).keys()].some((key) => key !== "tab");

/**
 * Keeps the address a link to the form of a tab, and takes the form from the address: when the tab opens, and when the user
 * changes it.
 *
 * @param fetchFormat always the same function
 * @returns what the link has and cannot be
 */
export function useLink<Form>(
  tab: number,
  form: Form,
  fetchFormat: () => Promise<LinkFormat<Form>>,
  onForm: (form: Form) => void,
): readonly string[] {
  const [problems, setProblems] = useState<readonly string[]>([]);
  const latest = useRef({ form, onForm });
  latest.current = { form, onForm };
  const isFirst = useRef(true);
  useEffect(() => {
    const take = async () => {
      if (!hasSettings(fragment()) || linkedTab() !== tab) return;
      const { readFragment } = await fetchFormat();
      const found = readFragment(fragment(), latest.current.form);
      latest.current.onForm(found.form);
      setProblems(found.problems);
    };
    const takeOrSay = () => take().catch(() => setProblems([NOT_FETCHED]));
    takeOrSay();
    addEventListener("hashchange", takeOrSay);
    return () => removeEventListener("hashchange", takeOrSay);
  }, [tab, fetchFormat]);
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return undefined;
    }
    const write = async () => {
      const { fragmentOf } = await fetchFormat();
      if (linkedTab() === tab) setFragment(fragmentOf(latest.current.form));
    };
    // Without a connection the address stays as it is.
    const timer = setTimeout(() => write().catch(() => {}), PAUSE);
    return () => clearTimeout(timer);
  }, [tab, form, fetchFormat]);
  return problems;
}
