import { describe, expect, it } from 'vitest';
import { pathMtuWarning } from '../../../relay/path-mtu.ts';

const hostWith = (value: string) => (path: string) => {
  if (path !== '/proc/sys/net/ipv4/ip_no_pmtu_disc') throw new Error(`nothing is at ${path}`);
  return `${value}\n`;
};

describe('a host that believes forged ICMP', () => {
  it.each(['0', '1'])('is warned of in a sentence that says what, why, and what to do: %s', (value) => {
    const warning = pathMtuWarning(hostWith(value))!;
    expect(warning).toContain(`net.ipv4.ip_no_pmtu_disc is ${value}`);
    expect(warning).toContain('forges an ICMP');
    expect(warning).toContain('sysctl -w net.ipv4.ip_no_pmtu_disc=3');
    expect(warning).not.toContain('\n');
  });

  it.each(['2', '3'])('is not one that has the setting %s', (value) => {
    expect(pathMtuWarning(hostWith(value))).toBeNull();
  });

  it('is not one that knows no such setting', () => {
    const other = () => {
      throw new Error('ENOENT');
    };
    expect(pathMtuWarning(other)).toBeNull();
  });
});
