// What a person does on an iPhone, an iPad or a Mac to take a profile.

import { enclosedPassword } from './credential.ts';
import { connectionName } from './names.ts';
import type { ProfileInput } from './profile.ts';

export function appleSteps(input: ProfileInput): string[] {
  const name = connectionName(input);
  const asksPassword = input.member.auth === 'cert' && enclosedPassword(input) === null;
  return [
    'Open the link in Safari: other browsers and the windows inside apps save the file without offering it to the system.',
    'iPhone and iPad: tap Allow, then Close. Open Settings; the profile waits under "Profile Downloaded", or under General → VPN & Device Management.',
    'Mac: open the downloaded file, then System Settings → General → Device Management (before macOS 15: Privacy & Security → Profiles), and open the profile there.',
    'Press Install and give the code or password of the device. The profile is shown as not signed, or not verified: that is so, and it changes nothing about the connection.',
    ...(asksPassword
      ? ['When the password of the certificate is asked for, type the one that was shown with this profile.']
      : []),
    `Connect: Settings → VPN (Mac: System Settings → VPN) and switch "${name}" on.`,
    ...(input.options.onDemand
      ? [
          'From then on the device connects by itself; switch "Connect On Demand" off in the details of the VPN to stop that.',
        ]
      : []),
    'Delete the downloaded file: whoever has it can connect as this device. A later profile takes the place of this one.',
  ];
}
