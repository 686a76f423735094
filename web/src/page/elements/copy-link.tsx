import { useState } from "preact/hooks";

/** Milliseconds for which the button says that it has copied. */
const SHOWN = 4000;

/** Copies the page's address, which has the settings. */
export function CopyLink() {
  const [title, setTitle] = useState("Copy link");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      setTitle("Link copied");
    } catch {
      // Where a page may not write to the clipboard, the address is still in view.
      setTitle("Copy it from the address bar");
    }
    setTimeout(() => setTitle("Copy link"), SHOWN);
  };
  return (
    <button type="button" class="link" onClick={copy}>
      <span aria-live="polite">{title}</span>
    </button>
  );
}
