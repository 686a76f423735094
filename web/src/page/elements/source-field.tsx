import { useState } from "preact/hooks";
import type { Content } from "../../common/protocol.js";
import { deferred } from "./deferred.js";
import type { EncodedFile } from "./encoding.js";
import { count } from "./format.js";
import { showAt } from "./show-at.js";

interface SourceFieldProps {
  readonly label: string;
  readonly content: Content;
  readonly onContent: (content: Content) => void;
  readonly disabled: boolean;
  /** File types to choose from. */
  readonly accept: string;
  readonly error?: string | undefined;
}

const importEncoding = () => import("./encoding.js");
const EncodingField = deferred(async () => (await importEncoding()).EncodingField);

/** Names of files that are no text. */
const MODEL = /\.(safetensors|pt|pth|keras|h5|hdf5|onnx)$/i;

/** A file's text, if it is UTF-8. One that has NUL is UTF-16 without a mark, or none. */
function utf8Of(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Characters shown of a longer text: a text area of megabytes makes the page stutter. */
const SHOWN = 20_000;

/** A text that the user types, pastes, drops or chooses as a file. */
export function SourceField({ label, content, onContent, disabled, accept, error }: SourceFieldProps) {
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [isDragOver, setIsDragOver] = useState(false);
  const [encoded, setEncoded] = useState<EncodedFile | undefined>(undefined);
  const takeEncoded = (file: EncodedFile) => {
    setProblem(undefined);
    setEncoded(file);
    onContent({ text: file.text, file: file.name, encoding: file.encoding });
  };
  const read = async (file: File) => {
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const text = utf8Of(bytes);
      setProblem(undefined);
      if (text !== undefined) {
        setEncoded(undefined);
        onContent({ text, file: file.name });
        return;
      }
      const other = (await importEncoding()).guessed(file.name, bytes);
      if (other) takeEncoded(other);
      else setProblem(`“${file.name}” is not UTF-8 text, nor in another encoding. Save it as UTF-8 and try again.`);
    } catch (cause) {
      setProblem(`Could not read “${file.name}”: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  };
  const shownProblem = problem ?? error;
  const isLong = content.text.length > SHOWN;
  return (
    <div class={`field source${isDragOver ? " over" : ""}`}>
      <label>
        <span>{label}</span>
        <textarea
          rows={6}
          disabled={disabled}
          readOnly={isLong}
          spellcheck={false}
          dir="auto"
          placeholder="Paste here, or drop a file"
          aria-invalid={shownProblem ? "true" : undefined}
          value={isLong ? `${content.text.slice(0, SHOWN)}…` : content.text}
          onPaste={(event) => {
            const pasted = event.clipboardData?.getData("text/plain") ?? "";
            if (pasted.length <= SHOWN || disabled) return;
            // A text area takes seconds for megabytes.
            event.preventDefault();
            setProblem(undefined);
            const { value, selectionStart, selectionEnd } = event.currentTarget;
            onContent({ text: value.slice(0, selectionStart) + pasted + value.slice(selectionEnd) });
          }}
          onInput={({ currentTarget }) => {
            setProblem(undefined);
            onContent({ text: currentTarget.value });
          }}
          onDragOver={(event) => {
            event.preventDefault();
            setIsDragOver(true);
          }}
          onDragLeave={() => setIsDragOver(false)}
          onDrop={(event) => {
            setIsDragOver(false);
            const [file, ...others] = event.dataTransfer?.files ?? [];
            // A model, or several files, are for the page.
            if (!file || disabled || others.length > 0 || MODEL.test(file.name)) return;
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
          {content.text === "" ? "" : `${content.file ?? "Pasted text"}, ${count(content.text.length)} characters`}
        </span>
        {isLong && !disabled && (
          <button type="button" class="link" onClick={() => onContent({ text: "" })}>
            Clear
          </button>
        )}
      </div>
      {encoded && encoded.text === content.text && (
        <EncodingField file={encoded} onFile={takeEncoded} onProblem={setProblem} disabled={disabled} />
      )}
      {shownProblem && (
        <p role="alert" class="error" ref={showAt}>
          {shownProblem}
        </p>
      )}
    </div>
  );
}
