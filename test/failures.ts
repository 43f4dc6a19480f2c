// A reporter that says on file descriptor 3 what failed, a line each: whoever runs several suites repeats it at the end.

import { writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

const OUT = 3;
const LONGEST = 200;

export default class Failures implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const module of modules) {
      for (const error of module.errors()) tell(module.relativeModuleId, error);
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) tell(`${module.relativeModuleId} > ${suite.fullName}`, error);
      }
      for (const test of module.children.allTests('failed')) {
        const [error] = test.result().errors ?? [];
        tell(`${module.relativeModuleId} > ${test.fullName}`, error);
      }
    }
    for (const error of unhandled) tell('outside of any test', error);
  }
}

function tell(where: string, error: { readonly message: string } | undefined): void {
  const [why = 'no reason given'] = (error?.message ?? '').split('\n');
  writeSync(OUT, `${where}: ${why.slice(0, LONGEST)}\n`);
}
