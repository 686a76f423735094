import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toOnnx } from "#lstm/convert.js";
import type { Case } from "../cases/cases.js";
import { createCaseModel } from "../measure/workload.js";

/** Our models as ONNX files, in a folder for temporary files. */
export class OnnxFiles {
  private readonly folder = mkdtemp(join(tmpdir(), "lstm-wasm-onnx-"));

  /** A case with the path of its model, which takes states and gives them back where it generates. */
  async write(spec: Case): Promise<Case & { readonly onnx: string }> {
    const model = await createCaseModel(spec, "simd");
    const onnx = join(await this.folder, `${spec.name}.onnx`);
    await writeFile(onnx, await toOnnx(model, { stateful: !spec.prediction }));
    model.free();
    return { ...spec, onnx };
  }

  async remove(): Promise<void> {
    await rm(await this.folder, { recursive: true });
  }
}
