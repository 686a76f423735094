import { useEffect, useState } from "preact/hooks";
import type { Moment } from "../../common/moment.js";

/** Milliseconds that the replay of a run takes, and a step of it at least where motion is to be reduced. */
const REPLAY = 10_000;
const CALM_STEP = 1000;

/** The moments of a run, and the one that is shown. */
export interface Moments<One extends Moment> {
  readonly all: readonly One[];
  readonly index: number;
  readonly shown: One | undefined;
  /** Whether the user looks back, and does not follow the newest moment. */
  readonly isLookingBack: boolean;
  readonly isPlaying: boolean;
  /** Shows one; the last is followed by newer ones. */
  readonly show: (index: number) => void;
  /** Replays the run from its beginning, or stops that. */
  readonly play: () => void;
}

/** @param following changes when the newest moment is to be shown again */
export function useMoments<One extends Moment>(all: readonly One[], following: unknown): Moments<One> {
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const [isPlaying, setIsPlaying] = useState(false);
  useEffect(() => {
    setChosen(undefined);
    setIsPlaying(false);
  }, [following]);
  const last = all.length - 1;
  const index = Math.min(chosen ?? last, last);
  useEffect(() => {
    if (!isPlaying) return undefined;
    const step = matchMedia("(prefers-reduced-motion: reduce)").matches
      ? Math.max(1, Math.ceil(((last + 1) * CALM_STEP) / REPLAY))
      : 1;
    const timer = setTimeout(
      () => {
        if (index + step < last) return setChosen(index + step);
        setChosen(undefined);
        setIsPlaying(false);
      },
      (REPLAY * step) / (last + 1),
    );
    return () => clearTimeout(timer);
  }, [isPlaying, index, last]);
  return {
    all,
    index,
    shown: all[index],
    isLookingBack: index < last,
    isPlaying,
    show: (at) => {
      setIsPlaying(false);
      setChosen(at >= last ? undefined : at);
    },
    play: () => {
      if (!isPlaying) setChosen(0);
      setIsPlaying(!isPlaying);
    },
  };
}
