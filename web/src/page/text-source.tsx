import { useState } from "preact/hooks";
import type { Content } from "../protocol.js";
import { count } from "./words.js";

interface TextSourceProps {
  readonly label: string;
  readonly content: Content;
  readonly onContent: (content: Content) => void;
  readonly disabled: boolean;
  /** What the file input accepts. */
  readonly accept: string;
  readonly error?: string | undefined;
}

/** Of a longer text only the beginning is shown, since a field of megabytes would make the page stutter. */
const SHOWN = 20_000;

/** A text of the user's: typed, pasted, dropped or chosen. */
export function TextSource({ label, content, onContent, disabled, accept, error }: TextSourceProps) {
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [isOver, setIsOver] = useState(false);
  const read = async (file: File) => {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
      setProblem(undefined);
      onContent({ text, file: file.name });
    } catch (cause) {
      setProblem(
        cause instanceof TypeError
          ? `“${file.name}” is not a UTF-8 text: save it as UTF-8, and choose it again.`
          : `“${file.name}” cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    }
  };
  const wrong = problem ?? error;
  const isLong = content.text.length > SHOWN;
  return (
    <div class={`field source${isOver ? " over" : ""}`}>
      <label>
        <span>{label}</span>
        <textarea
          rows={6}
          disabled={disabled}
          readOnly={isLong}
          spellcheck={false}
          placeholder="Paste here, or drop a file"
          aria-invalid={wrong ? "true" : undefined}
          value={isLong ? `${content.text.slice(0, SHOWN)}…` : content.text}
          onInput={({ currentTarget }) => {
            setProblem(undefined);
            onContent({ text: currentTarget.value });
          }}
          onDragOver={(event) => {
            event.preventDefault();
            setIsOver(true);
          }}
          onDragLeave={() => setIsOver(false)}
          onDrop={(event) => {
            setIsOver(false);
            const file = event.dataTransfer?.files[0];
            if (!file || disabled) return;
            event.preventDefault();
            read(file);
          }}
        />
      </label>
      <div class="beside">
        <label class="file">
          <span>Choose a file</span>
          <input
            type="file"
            accept={accept}
            disabled={disabled}
            onChange={({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              currentTarget.value = "";
              if (file) read(file);
            }}
          />
        </label>
        <span class="hint">
          {content.text === "" ? "" : `${content.file ?? "pasted"}, ${count(content.text.length)} characters`}
        </span>
        {isLong && !disabled && (
          <button type="button" class="link" onClick={() => onContent({ text: "" })}>
            Clear
          </button>
        )}
      </div>
      {wrong && (
        <p role="alert" class="error">
          {wrong}
        </p>
      )}
    </div>
  );
}
