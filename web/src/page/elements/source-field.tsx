import { useRef, useState } from "preact/hooks";
import { beginningOf, given, isCut, lengthOf, SHOWN } from "../../common/content.js";
import type { FileRead, GivenContent } from "../../common/protocol.js";
import { deferred } from "./deferred.js";
import { count } from "./format.js";
import { showAt } from "./show-at.js";

interface SourceFieldProps {
  readonly label: string;
  readonly content: GivenContent;
  readonly onContent: (content: GivenContent) => void;
  readonly readFile: (file: File, encoding?: string) => Promise<FileRead>;
  readonly disabled: boolean;
  /** File types to choose from. */
  readonly accept: string;
  readonly error?: string | undefined;
}

const importEncoding = () => import("./encoding.js");
const EncodingField = deferred(async () => (await importEncoding()).EncodingField);

/** Names of files that are no text. */
const MODEL = /\.(safetensors|pt|pth|keras|h5|hdf5|onnx)$/i;

/** A text that the user types, pastes, drops or chooses as a file. */
export function SourceField({ label, content, onContent, readFile, disabled, accept, error }: SourceFieldProps) {
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [isDragOver, setIsDragOver] = useState(false);
  /** The name of the file that is being read. */
  const [reading, setReading] = useState<string | undefined>(undefined);
  /** A file whose encoding can be chosen, and its text so far. */
  const [encoded, setEncoded] = useState<{ readonly file: File; readonly content: GivenContent } | undefined>();
  /** Counts what the user hands in: a file that has been read by then gives way to what came later. */
  const turn = useRef(0);
  /** Until a file has been read, other fields may have changed. */
  const latest = useRef(onContent);
  latest.current = onContent;
  const take = (next: GivenContent) => {
    turn.current++;
    setReading(undefined);
    setProblem(undefined);
    latest.current(next);
  };
  const read = async (file: File, encoding?: string) => {
    const own = ++turn.current;
    setReading(file.name);
    const { content: found, problem: why } = await readFile(file, encoding);
    const refused = why ?? (found ? undefined : await whyNot(file, encoding));
    if (own !== turn.current) return;
    if (found) {
      take(found);
      setEncoded(found.encoding === undefined ? undefined : { file, content: found });
      return;
    }
    setReading(undefined);
    setProblem(refused);
  };
  const isLong = isCut(content);
  const beginning = beginningOf(content);
  /** Inserts a text that is too much for a text area, which takes seconds for megabytes. */
  const insert = ({ value, selectionStart, selectionEnd }: HTMLTextAreaElement, data: DataTransfer | null): boolean => {
    const added = data?.getData("text/plain") ?? "";
    if (disabled || added === "" || (added.length <= SHOWN && !isLong)) return false;
    // Of a long text there is the beginning alone, which cannot be edited.
    const text = isLong ? added : value.slice(0, selectionStart) + added + value.slice(selectionEnd);
    take(given({ text }));
    return true;
  };
  const shownProblem = problem ?? error;
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
          value={isLong ? `${beginning}…` : beginning}
          onPaste={(event) => {
            if (insert(event.currentTarget, event.clipboardData)) event.preventDefault();
          }}
          onInput={({ currentTarget }) => take(given({ text: currentTarget.value }))}
          onDragOver={(event) => {
            event.preventDefault();
            setIsDragOver(true);
          }}
          onDragLeave={() => setIsDragOver(false)}
          onDrop={(event) => {
            setIsDragOver(false);
            const [file, ...others] = event.dataTransfer?.files ?? [];
            if (!file && insert(event.currentTarget, event.dataTransfer)) event.preventDefault();
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
          {reading !== undefined
            ? `Reading ${reading} …`
            : lengthOf(content) > 0 && `${content.file ?? "Pasted text"}, ${count(lengthOf(content))} characters`}
        </span>
        {isLong && !disabled && (
          <button type="button" class="link" onClick={() => take({ text: "" })}>
            Clear
          </button>
        )}
      </div>
      {encoded && encoded.content === content && (
        <EncodingField
          encoding={content.encoding!}
          onEncoding={(encoding) => read(encoded.file, encoding)}
          disabled={disabled}
        />
      )}
      {shownProblem && (
        <p role="alert" class="error" ref={showAt}>
          {shownProblem}
        </p>
      )}
    </div>
  );
}

/** Why a file has no text in the encoding that was chosen, or in any that its bytes show. */
async function whyNot({ name }: File, encoding?: string): Promise<string> {
  if (encoding === undefined)
    return `“${name}” is not UTF-8 text, nor in another encoding. Save it as UTF-8 and try again.`;
  const { ENCODINGS } = await importEncoding();
  return `“${name}” has bytes that ${ENCODINGS[encoding]} has not. Choose another encoding.`;
}
