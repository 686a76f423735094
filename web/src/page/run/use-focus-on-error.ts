import { useEffect, useRef } from "preact/hooks";
import type { Failure } from "../../common/protocol.js";

/** Focuses the first invalid field in a box when an option is refused. */
export function useFocusOnError<Box extends HTMLElement>(failure: Failure | undefined) {
  const box = useRef<Box>(null);
  useEffect(() => {
    if (failure?.option !== undefined) box.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [failure]);
  return box;
}
