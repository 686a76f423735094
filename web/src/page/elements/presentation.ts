import { useLayoutEffect, useState } from "preact/hooks";

/** A view for an audience, without what is set and pressed: the style sheet hides it. */
export function usePresentation() {
  const [isOn, setIsOn] = useState(false);
  // At once, or for a frame Escape would do nothing.
  useLayoutEffect(() => {
    document.documentElement.classList.toggle("presenting", isOn);
    if (!isOn) return undefined;
    const end = ({ key }: KeyboardEvent) => {
      if (key === "Escape") setIsOn(false);
    };
    addEventListener("keydown", end);
    return () => removeEventListener("keydown", end);
  }, [isOn]);
  return { isOn, begin: () => setIsOn(true), end: () => setIsOn(false) };
}
