import type { Search } from "../../common/series.js";
import { plural } from "../elements/format.js";
import { shown } from "./number.js";

/** How the choice of a representation goes, or went. */
export function SearchProgress({ search }: { readonly search: Search }) {
  const { current, done, chosen } = search;
  return (
    <div class="search" data-testid="search">
      {chosen === undefined ? (
        <p class="waiting">{current ? describe(current) : "The series are about to be tried."}</p>
      ) : (
        <p class="quiet">{chosen}.</p>
      )}
      {done.length > 0 && (
        <details open={chosen === undefined ? true : undefined}>
          <summary>{chosen === undefined ? "Tried so far" : `What was tried (${done.length})`}</summary>
          <table class="figures">
            <thead>
              <tr>
                <th scope="col">Read as</th>
                <th scope="col">Error, in mean changes</th>
                <th scope="col">Epochs</th>
              </tr>
            </thead>
            <tbody>
              {done.map(({ what, error, epochs }) => (
                <tr key={what}>
                  <th scope="row">{what}</th>
                  <td>{shown(error)}</td>
                  <td>{epochs}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </div>
  );
}

function describe({ trial, trials, isCalibrating, what, epoch, error }: NonNullable<Search["current"]>): string {
  const so = `${plural(epoch, "epoch")}, error ${shown(error)}`;
  if (isCalibrating) return `Calibrating the interval on more validation parts: ${what}. ${so}.`;
  return `Trying how to read the series, ${trial} of ${trials}: ${what}. ${so}.`;
}
