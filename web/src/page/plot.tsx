import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";

/** The page's colours, as the style sheet has them in the present theme. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly hairline: string;
  readonly accent: string;
}

interface PlotProps {
  readonly data: uPlot.AlignedData;
  /** What is drawn, apart from its size. It is asked again when the theme changes. */
  readonly options: (palette: Palette) => Omit<uPlot.Options, "width" | "height">;
  /** What the picture shows, in words. */
  readonly label: string;
}

const DARK = "(prefers-color-scheme: dark)";

/** A chart that fills its box. `options` has to be the same function as long as the chart is the same. */
export function Plot({ data, options, label }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(data);
  const isDark = useMedia(DARK);
  latest.current = data;

  useEffect(() => {
    const element = box.current!;
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const drawn = new uPlot({ ...options(paletteOf(element)), ...size() }, latest.current, element);
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
    };
    // The theme is read from the style sheet.
  }, [options, isDark]);

  useEffect(() => plot.current?.setData(data), [data]);

  return <div class="plot" ref={box} role="img" aria-label={label} />;
}

/** Thin lines and small figures on both axes. */
export function axes(palette: Palette, x: uPlot.Axis["values"], y: uPlot.Axis["values"]): uPlot.Axis[] {
  const common: uPlot.Axis = {
    stroke: palette.muted,
    font: "12px system-ui, sans-serif",
    grid: { stroke: palette.hairline, width: 1 },
    ticks: { show: false },
  };
  return [
    { ...common, grid: { show: false }, gap: 4, size: 26, space: 70, values: x! },
    { ...common, gap: 6, size: 44, space: 36, values: y! },
  ];
}

function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return { ink: colour("ink"), muted: colour("muted"), hairline: colour("hairline"), accent: colour("accent") };
}

function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const listen = () => setMatches(list.matches);
    list.addEventListener("change", listen);
    return () => list.removeEventListener("change", listen);
  }, [query]);
  return matches;
}
