import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";

/** The style sheet's colors in the current theme. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly hairline: string;
  readonly accent: string;
}

interface PlotProps {
  readonly data: uPlot.AlignedData;
  /** The chart's options except its size; called again when the theme changes. */
  readonly options: (palette: Palette) => Omit<uPlot.Options, "width" | "height">;
  /** The text alternative. */
  readonly label: string;
}

const DARK = "(prefers-color-scheme: dark)";

/** A chart that fills its box. Another `options` function makes another chart, so keep it stable. */
export function Plot({ data, options, label }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(data);
  const isDark = useMedia(DARK);
  latest.current = data;

  useEffect(() => {
    const element = box.current!;
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const chart = new uPlot({ ...options(paletteOf(element)), ...size() }, latest.current, element);
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
    // A change of theme changes the style sheet's colors.
  }, [options, isDark]);

  useEffect(() => plot.current?.setData(data), [data]);

  return <div class="plot" ref={box} role="img" aria-label={label} />;
}

/** Axes with thin lines and small numbers. */
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
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return { ink: color("ink"), muted: color("muted"), hairline: color("hairline"), accent: color("accent") };
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
