// A stream as lines.

import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export function lines(stream: Readable, line: (text: string) => void): void {
  createInterface({ input: stream }).on('line', line);
}
