// HTTP calls from inside a host: a list of { method, url, body? } on standard input, the answers' bodies as a JSON list on standard output.

import { readFileSync } from 'node:fs';

const AT_ONCE = 8;
const { token, calls } = JSON.parse(readFileSync(0, 'utf8'));
const answers = [];
let next = 0;

async function work() {
  for (let i = next++; i < calls.length; i = next++) {
    const { method, url, body } = calls[i];
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
    answers[i] = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${answers[i]}`);
  }
}

try {
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  process.stdout.write(JSON.stringify(answers));
} catch (error) {
  process.stderr.write(`${error.message} ${error.cause?.message ?? ''}\n`);
  process.exitCode = 1;
}
