import { useState } from "preact/hooks";
import { toFailure } from "../../common/failure.js";
import { download } from "../elements/download.js";
import type { Drawing, Palette } from "./pen.js";

interface SavePictureProps {
  /** Of the file, without its ending. */
  readonly name: string;
  /** Draws what is in view; its code is fetched when it is asked for. */
  readonly draw: (palette: Palette) => Promise<Drawing>;
}

/** Saves the picture of a view. */
export function SavePicture({ name, draw }: SavePictureProps) {
  const [problem, setProblem] = useState("");
  const save = (format: "png" | "svg", button: Element) => {
    setProblem("");
    write(format, button).catch((error: unknown) => setProblem(toFailure(error, "run").message));
  };
  const write = async (format: "png" | "svg", button: Element) => {
    const { paletteOf, pngOf, svgOf } = await import("./pen.js");
    const drawing = await draw(paletteOf(button));
    const blob = await (format === "png" ? pngOf(drawing) : svgOf(drawing));
    download(blob, `${name}.${format}`);
  };
  return (
    <span class="save-picture">
      Save picture:{" "}
      {(["png", "svg"] as const).map((format) => (
        <button
          key={format}
          type="button"
          class="link"
          aria-label={`Save picture as ${format.toUpperCase()}`}
          onClick={({ currentTarget }) => save(format, currentTarget)}
        >
          {format.toUpperCase()}
        </button>
      ))}
      {problem && (
        <span role="alert" class="error">
          {problem}
        </span>
      )}
    </span>
  );
}
