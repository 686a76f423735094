import type { Failure } from "../../common/protocol.js";

/** A failure, where it belongs here and not to a field. */
export function FailureMessage({
  failure,
  where,
}: {
  readonly failure: Failure | undefined;
  readonly where: Failure["where"];
}) {
  if (!failure || failure.where !== where || failure.option !== undefined) return null;
  return (
    <p role="alert" class="error">
      {failure.message}
    </p>
  );
}
