import { useEffect, useState } from "preact/hooks";
import { deferred } from "./elements/deferred.js";
import { OfflineNote } from "./elements/offline-note.js";
import { Tabs } from "./elements/tabs.js";
import { TextTab } from "./text/text-tab.js";

/** Most visits are to the first tab: the other's code reads tables and forecasts. */
const SeriesTab = deferred(async () => (await import("./series/series-tab.js")).SeriesTab);

/** What the page is about, by tab. */
const HEADLINES = [
  "A neural network learns Shakespeare in this tab.",
  "A neural network forecasts a series in this tab.",
] as const;

/** The whole page. */
export function App() {
  const [tab, setTab] = useState(0);
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
          An LSTM, trained by WebAssembly SIMD kernels in a worker. Nothing leaves your computer, and your run is still
          here when you come back.
        </p>
      </header>
      <main>
        <Tabs
          label="Kind of data"
          onSelect={setTab}
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
