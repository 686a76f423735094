import { NumbersTab } from "./numbers-tab.js";
import { Tabs } from "./tabs.js";
import { TextTab } from "./text-tab.js";

/** The whole page. */
export function App() {
  return (
    <>
      <header class="masthead">
        <p class="wordmark">lstm-wasm</p>
        <h1>A neural network learns Shakespeare in this tab.</h1>
        <p class="lead">
          An LSTM trained by WebAssembly SIMD kernels, in a worker. Nothing leaves your computer, and nothing is lost
          when you close the page.
        </p>
      </header>
      <main>
        <Tabs
          label="What is learned"
          tabs={[
            { title: "Text", content: TextTab },
            { title: "Numbers", content: NumbersTab },
          ]}
        />
      </main>
    </>
  );
}
