import { useEffect, useRef, useState } from "preact/hooks";
import { droppedFiles } from "./dropped-files.js";

/**
 * Takes files that are dropped anywhere on the page, unless a field takes them or the box is hidden. Otherwise the browser
 * would leave the page for the file.
 *
 * @returns the box, and whether files are held over the page
 */
export function useDrop<Box extends HTMLElement>(
  onFiles: (files: readonly File[]) => void,
  onProblem: (message: string) => void,
) {
  const box = useRef<Box>(null);
  const [isOver, setIsOver] = useState(false);
  const handlers = useRef({ onFiles, onProblem });
  handlers.current = { onFiles, onProblem };
  useEffect(() => {
    const concerns = ({ dataTransfer }: DragEvent) =>
      dataTransfer?.types.includes("Files") && !box.current?.closest("[hidden]");
    const over = (event: DragEvent) => {
      if (!concerns(event)) return;
      event.preventDefault();
      setIsOver(true);
    };
    const leave = (event: DragEvent) => {
      // Not from one element to another.
      if (event.relatedTarget === null) setIsOver(false);
    };
    const drop = (event: DragEvent) => {
      setIsOver(false);
      if (event.defaultPrevented || !concerns(event)) return;
      event.preventDefault();
      droppedFiles(event.dataTransfer!).then(
        (files) => handlers.current.onFiles(files),
        (error: Error) => handlers.current.onProblem(`Could not read what was dropped: ${error.message}`),
      );
    };
    document.addEventListener("dragover", over);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragover", over);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", drop);
    };
  }, []);
  return { box, isOver };
}
