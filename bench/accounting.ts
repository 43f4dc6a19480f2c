// What processes have used, by /proc: proc_pid_stat(5) and proc_pid_smaps_rollup(5).

import { readdirSync, readFileSync } from 'node:fs';

/** Of proc_pid_stat(5), counted behind the name of the program. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
/** USER_HZ, which is 100 on every Linux that runs Node. */
const TICKS_PER_SECOND = 100;

/** A part of a gateway: one or more processes under one name. */
export interface Part {
  readonly name: string;
  readonly pids: readonly number[];
}

/** Seconds of CPU, user and system, of all threads. 0 for a process that is gone. */
export function cpuSeconds(pid: number): number {
  const fields = statOf(pid);
  return fields === null ? 0 : (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND;
}

export function cpuOf(parts: readonly Part[]): Record<string, number> {
  return Object.fromEntries(parts.map(({ name, pids }) => [name, pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)]));
}

/** The same by schedstat of each thread, which counts nanoseconds and forgets threads that have ended: for short spans. */
export function threadSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}

/** Octets of memory that are the process's own: its private pages, and its share of those it shares (Pss). 0 for one that is gone. */
export function memoryOctets(pid: number): number {
  try {
    const line = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
    return Number(line?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

export function memoryOf(parts: readonly Part[]): Record<string, number> {
  return Object.fromEntries(
    parts.map(({ name, pids }) => [name, pids.reduce((sum, pid) => sum + memoryOctets(pid), 0)]),
  );
}

function statOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
