/** Says what a link has and cannot be. */
export function LinkProblems({ problems }: { readonly problems: readonly string[] }) {
  if (problems.length === 0) return null;
  return (
    <p class="notice error" role="alert">
      Some of this link’s settings cannot be, and keep their usual values. {problems.join(" ")}
    </p>
  );
}
