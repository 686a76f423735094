import { useEffect, useRef, useState } from "preact/hooks";
import { fragment, linkedTab, setFragment } from "./elements/address.js";
import { CopyLink } from "./elements/copy-link.js";
import { deferred } from "./elements/deferred.js";
import { OfflineNote } from "./elements/offline-note.js";
import { usePresentation } from "./elements/presentation.js";
import { Tabs } from "./elements/tabs.js";
import { TextTab } from "./text/text-tab.js";

/** Most visits are to the first tab: the other's code reads tables and forecasts. */
const SeriesTab = deferred(async () => (await import("./series/series-tab.js")).SeriesTab);

/** What the page is about, by tab. */
const HEADLINES = [
  "A neural network learns Shakespeare in this tab.",
  "A neural network forecasts a series in this tab.",
] as const;

/** What an LSTM is, in a sentence. */
const LEADS = [
  "An LSTM reads one character after another, remembers what matters, and guesses what comes next.",
  "An LSTM reads one row after another, remembers what matters, and forecasts the next ones.",
] as const;

/** Where the site has its guides, by tab, and how the library is made: the page lies in a folder of the site. */
const GUIDES = ["../text.html", "../numbers.html"] as const;
const SOURCE = "../architecture.html";

/** The whole page. */
export function App() {
  const [tab, setTab] = useState(linkedTab);
  /** The settings of each tab, as the address has them while it is shown. */
  const settings = useRef(["", "tab=numbers"]);
  // The user may change the address by hand, or follow a link within the tab.
  useEffect(() => {
    const follow = () => setTab(linkedTab());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const presentation = usePresentation();
  const headline = HEADLINES[tab]!;
  useEffect(() => {
    document.title = `lstm-wasm: ${headline.slice(0, 1).toLowerCase()}${headline.slice(1, -1)}`;
  }, [headline]);
  return (
    <>
      <header class="masthead">
        <p class="wordmark">lstm-wasm</p>
        <h1>{headline}</h1>
        <p class="lead">
          {LEADS[tab]} It runs in WebAssembly on your computer; nothing leaves it, and your run is still here when you
          come back.
        </p>
        <nav class="tools" aria-label="About this page">
          <CopyLink />
          <button type="button" class="link" onClick={presentation.begin}>
            Present
          </button>
          <a href={GUIDES[tab]!}>Guide</a>
          <a href={SOURCE}>Source</a>
        </nav>
      </header>
      {presentation.isOn && (
        <button type="button" class="end-presentation" onClick={presentation.end}>
          End presentation
        </button>
      )}
      <main>
        <Tabs
          label="Kind of data"
          selected={tab}
          onSelect={(index) => {
            settings.current[tab] = fragment();
            setTab(index);
            setFragment(settings.current[index]!);
          }}
          tabs={[
            { title: "Text", content: TextTab },
            { title: "Numbers", content: SeriesTab },
          ]}
        />
      </main>
      <footer class="quiet">
        <OfflineNote />
      </footer>
    </>
  );
}
