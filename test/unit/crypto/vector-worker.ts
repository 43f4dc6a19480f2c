// A Worker that runs a file of vectors against the primitives where they are to serve: in workerd.

import { workerPrimitives } from '../../../worker/edge/primitives.ts';
import { runVectors } from './run-vectors.ts';

export default {
  async fetch(request: Request): Promise<Response> {
    const { name, file } = (await request.json()) as { name: string; file: unknown };
    return Response.json(await runVectors(workerPrimitives(), name, file));
  },
};
