import { useEffect, useRef } from "preact/hooks";
import type { Failure } from "../protocol.js";

/** A box in which the first field that cannot be gets the focus when that is told. */
export function useFocusOnError<Box extends HTMLElement>(failure: Failure | undefined) {
  const box = useRef<Box>(null);
  useEffect(() => {
    if (failure?.option !== undefined) box.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [failure]);
  return box;
}
