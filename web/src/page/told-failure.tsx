import type { Failure } from "../protocol.js";

/** What went wrong, in words, if it belongs here. */
export function ToldFailure({
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
