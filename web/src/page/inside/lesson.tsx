import { useState } from "preact/hooks";
import { deferred } from "../elements/deferred.js";

const LessonText = deferred(async () => (await import("./lesson-text.js")).LessonText);

/** What an LSTM does, folded up at first. */
export function Lesson() {
  const [wasOpened, setWasOpened] = useState(false);
  return (
    <details class="lesson" onToggle={({ currentTarget }) => currentTarget.open && setWasOpened(true)}>
      <summary>What does an LSTM do?</summary>
      {wasOpened && <LessonText />}
    </details>
  );
}
