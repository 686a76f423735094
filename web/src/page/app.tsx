import { deferred } from "./elements/deferred.js";
import { OfflineNote } from "./elements/offline-note.js";
import { Tabs } from "./elements/tabs.js";
import { TextTab } from "./text/text-tab.js";

/** Most visits are to the first tab: the other's code reads tables and forecasts. */
const SeriesTab = deferred(async () => (await import("./series/series-tab.js")).SeriesTab);

/** The whole page. */
export function App() {
  return (
    <>
      <header class="masthead">
        <p class="wordmark">lstm-wasm</p>
        <h1>A neural network learns Shakespeare in this tab.</h1>
        <p class="lead">
          An LSTM, trained by WebAssembly SIMD kernels in a worker. Nothing leaves your computer, and your run is still
          here when you come back.
        </p>
      </header>
      <main>
        <Tabs
          label="Kind of data"
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
