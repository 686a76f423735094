import type { Failure } from "../../common/protocol.js";
import { showAt } from "../elements/show-at.js";
import { labelOf } from "../options/labels.js";

interface FailureMessageProps {
  readonly failure: Failure | undefined;
  readonly where: Failure["where"];
  /** Options whose fields show their own failures. */
  readonly fields?: readonly string[];
}

/** A failure, where it belongs here and not to a field. */
export function FailureMessage({ failure, where, fields = [] }: FailureMessageProps) {
  if (!failure || failure.where !== where) return null;
  const { option, message } = failure;
  if (option !== undefined && fields.includes(option)) return null;
  return (
    <p role="alert" class="error" ref={showAt}>
      {option === undefined ? message : `${labelOf(option)}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`}
    </p>
  );
}
