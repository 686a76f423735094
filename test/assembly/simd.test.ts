import { expect, test } from "vitest";
import { KERNEL_SETS } from "../kernels/instances.js";
import { Workspace } from "../kernels/workspace.js";

test.each(KERNEL_SETS)("%s: clear sets any number of floats to 0", async (backend) => {
  const space = await Workspace.on(backend);
  for (const n of [0, 1, 3, 4, 5, 100]) {
    const out = space.output(n);
    space.run("clear", [out], out, n);
    expect(out).toEqual(new Float32Array(n));
  }
});
