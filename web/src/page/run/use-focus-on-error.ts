import { useEffect, useRef } from "preact/hooks";
import type { Failure } from "../../common/protocol.js";

/** Focuses the first invalid field in a box when an option is refused. */
export function useFocusOnError<Box extends HTMLElement>(failure: Failure | undefined) {
  const box = useRef<Box>(null);
  useEffect(() => {
    const field = failure?.option && box.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (!field) return;
    field.focus({ preventScroll: true });
    // With what is said below it.
    field.closest(".field")!.scrollIntoView({ block: "center" });
  }, [failure]);
  return box;
}
