import { useEffect, useMemo, useState } from "preact/hooks";
import { count, plural } from "../elements/format.js";
import type { View } from "../session/view.js";
import { lookupOf, segmentsOf } from "./highlight.js";

/** Characters of the training text to look samples up in. */
const LOOKUP_LIMIT = 200_000;

/** The newest sample, or an earlier one that the user looks back at. */
export function SampleView({ view }: { readonly view: View }) {
  const { samples, run } = view;
  const [earlier, setEarlier] = useState<number | undefined>(undefined);
  const source = run?.content.text;
  const level = run?.level ?? "char";
  const lookup = useMemo(
    () => (source ? lookupOf(source.slice(0, LOOKUP_LIMIT), level) : new Set<string>()),
    [source, level],
  );
  // A run that starts or resumes shows its newest sample again.
  useEffect(() => setEarlier(undefined), [view.phase === "training", run?.content]);
  const last = samples.length - 1;
  const shown = samples[earlier === undefined ? last : Math.min(earlier, last)];
  return (
    <section class="sample" aria-label="Sample from the model">
      <p class="kicker">
        {shown ? `Written by the model after ${plural(shown.epoch, "epoch")}` : "Written by the model"}
      </p>
      {shown ? (
        <blockquote data-testid="sample" data-epoch={shown.epoch} class={sizeOf(shown.text)}>
          {segmentsOf(shown.text, lookup, level).map(({ text, isKnown }, i) => (
            <span key={i} class={isKnown ? "known" : "invented"}>
              {text}
            </span>
          ))}
        </blockquote>
      ) : (
        <blockquote class="waiting">
          Press Train. The first attempts are noise.{" "}
          <span class="known">Words that are in the text stand out from the gray.</span>
        </blockquote>
      )}
      {samples.length > 1 && (
        <label class="look-back">
          <span>Earlier samples</span>
          <input
            type="range"
            min={0}
            max={last}
            value={earlier ?? last}
            aria-valuetext={shown ? `epoch ${count(shown.epoch)}` : ""}
            onInput={({ currentTarget }) => {
              const index = Number(currentTarget.value);
              setEarlier(index === last ? undefined : index);
            }}
          />
        </label>
      )}
    </section>
  );
}

/** The shorter the text, the larger its type. */
function sizeOf({ length }: string): string {
  if (length > 500) return "long";
  return length < 160 ? "short" : "";
}
