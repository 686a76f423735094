import type { Moment } from "../../common/moment.js";
import { epochs } from "../elements/format.js";
import type { Moments } from "../session/use-moments.js";

/** Looks back at a run: a slider over its moments, and a button that replays them. */
export function TimeTravel({ moments }: { readonly moments: Moments<Moment> }) {
  const { all, index, shown, isPlaying, show, play } = moments;
  if (all.length < 2 || !shown) return null;
  return (
    <div class="slide time-travel">
      <button type="button" class="play" aria-pressed={isPlaying} onClick={play}>
        {isPlaying ? "Stop replay" : "Replay"}
      </button>
      <label>
        <span class="visually-hidden">Moment of the run</span>
        <input
          type="range"
          min={0}
          max={all.length - 1}
          value={index}
          aria-valuetext={`after ${epochs(shown.epoch)}`}
          onInput={({ currentTarget }) => show(Number(currentTarget.value))}
        />
      </label>
      <span class="quiet">{epochs(shown.epoch)}</span>
    </div>
  );
}
