import { useEffect, useMemo, useState } from "preact/hooks";
import { knownOf, stretchesOf } from "./ink.js";
import type { View } from "./view.js";
import { count } from "./words.js";

/** Code units of a text whose words are looked for in samples. */
const LOOKED_AT = 200_000;

/** What the model writes: the newest sample, or an earlier one that the user looks back at. */
export function SampleView({ view }: { readonly view: View }) {
  const { samples, run } = view;
  const [back, setBack] = useState<number | undefined>(undefined);
  const source = run?.content.text;
  const level = run?.level ?? "char";
  const known = useMemo(
    () => (source ? knownOf(source.slice(0, LOOKED_AT), level) : new Set<string>()),
    [source, level],
  );
  // A new run, or one that goes on, shows what is new.
  useEffect(() => setBack(undefined), [view.phase === "training", run?.content]);
  const last = samples.length - 1;
  const shown = samples[back === undefined ? last : Math.min(back, last)];
  return (
    <section class="sample" aria-label="What the model writes">
      <p class="kicker">
        {shown
          ? `Written by the model after ${count(shown.epoch)} epoch${shown.epoch === 1 ? "" : "s"}`
          : "Written by the model"}
      </p>
      {shown ? (
        <blockquote data-testid="sample" data-epoch={shown.epoch} class={sizeOf(shown.text)}>
          {stretchesOf(shown.text, known, level).map(({ text, isKnown }, i) => (
            <span key={i} class={isKnown ? "known" : "invented"}>
              {text}
            </span>
          ))}
        </blockquote>
      ) : (
        <blockquote class="waiting">
          Press Train. The first attempts are noise.{" "}
          <span class="known">Words that are in the text stand out from the grey.</span>
        </blockquote>
      )}
      {samples.length > 1 && (
        <label class="look-back">
          <span>Look back</span>
          <input
            type="range"
            min={0}
            max={last}
            value={back ?? last}
            aria-valuetext={shown ? `epoch ${shown.epoch}` : ""}
            onInput={({ currentTarget }) => {
              const wanted = Number(currentTarget.value);
              setBack(wanted === last ? undefined : wanted);
            }}
          />
        </label>
      )}
    </section>
  );
}

/** The less there is to read, the larger it is set. */
function sizeOf({ length }: string): string {
  if (length > 500) return "long";
  return length < 160 ? "short" : "";
}
