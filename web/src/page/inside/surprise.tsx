import { useMemo } from "preact/hooks";
import type { Insight } from "../../common/insight.js";
import { bits, chance } from "../elements/format.js";
import { SavePicture } from "../pictures/save-picture.js";
import { Likeliest } from "./likeliest.js";
import { Passage } from "./passage.js";
import { nounOf, shownToken } from "./shown-token.js";

interface SurpriseProps {
  readonly insight: Insight;
  readonly cursor: number;
  readonly onCursor: (cursor: number) => void;
  /** Shows what the cells do at the cursor. */
  readonly onCells: () => void;
  /** Has it read a line that it does not know, where there is one. */
  readonly onAnother?: (() => void) | undefined;
}

/** Bits a character, below which nothing is seen of the shading. */
const BY_HEART = 0.1;
/** Bits per level of shading: the darkest is as rare as one in 256. */
const BITS = 1;
const LEVELS = 8;

/** The passage, shaded by how unexpected each of its characters was. */
export function Surprise({ insight, cursor, onCursor, onCells, onAnother }: SurpriseProps) {
  const { surprisal, tokens } = insight;
  const levels = useMemo(
    () =>
      Int8Array.from(surprisal, (surprise) =>
        Number.isNaN(surprise) ? 0 : Math.min(LEVELS, Math.round(surprise / BITS)),
      ),
    [surprisal],
  );
  const mean = useMemo(
    () => surprisal.slice(1).reduce((a, b) => a + b, 0) / Math.max(1, tokens.length - 1),
    [surprisal],
  );
  return (
    <div class="inside-columns">
      <figure>
        <Passage
          tokens={tokens}
          levels={levels}
          cursor={cursor}
          onCursor={onCursor}
          describe={(at) => describe(insight, at)}
        />
        <figcaption class="scale">
          <span>expected</span>
          {Array.from({ length: LEVELS + 1 }, (_, level) => (
            <span key={level} class={`swatch level${level}`} />
          ))}
          <span class="far">a surprise</span>
          <span class="quiet">
            on average {bits(mean)} a character
            {mean < BY_HEART && ": it knows these by heart. Let it read other words"}
          </span>
          {mean < BY_HEART && onAnother && (
            <button type="button" class="link" onClick={onAnother}>
              such as a line of Macbeth
            </button>
          )}
          <SavePicture
            name="surprise"
            draw={async (palette) => {
              const { drawPassage } = await import("../pictures/passage.js");
              const shades = Array.from(levels, (level) => level / LEVELS);
              const title = `How unexpected each character was: ${bits(mean)} on average`;
              return drawPassage(insight, shades, title, palette);
            }}
          />
        </figcaption>
      </figure>
      <div class="cell">
        <Likeliest insight={insight} cursor={cursor} />
        <button type="button" class="link" onClick={onCells}>
          What its cells do at {nounOf(tokens[cursor]!)}
        </button>
      </div>
    </div>
  );
}

function describe({ tokens, surprisal, likeliest }: Insight, at: number): string {
  const surprise = surprisal[at]!;
  const came = shownToken(tokens[at]!);
  if (Number.isNaN(surprise)) return `${came}, the first`;
  const { width } = likeliest;
  const offered = Array.from({ length: width }, (_, rank) => at * width + rank).map(
    (i) => `${shownToken(likeliest.tokens[i]!)} ${chance(likeliest.probabilities[i]!)}`,
  );
  return `${came}, ${bits(surprise)}; expected: ${offered.join(", ")}`;
}
