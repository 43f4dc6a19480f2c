// The formats by name: for command lines and pages that only list them.

export const FORMAT_NAMES = [
  { id: 'apple', systems: 'iPhone, iPad and Mac: a configuration profile' },
  { id: 'windows', systems: 'Windows 10 and 11: a PowerShell script' },
  { id: 'sswan', systems: 'Android with the strongSwan app' },
  { id: 'android-native', systems: 'Android without an app: what to type' },
  { id: 'swanctl', systems: 'strongSwan: a folder for its SWANCTL_DIR' },
  { id: 'networkmanager', systems: 'Linux desktop with NetworkManager' },
  { id: 'libreswan', systems: 'site with libreswan' },
  { id: 'openiked', systems: 'site with OpenIKED' },
  { id: 'routeros', systems: 'site with MikroTik RouterOS' },
  { id: 'fortigate', systems: 'site with Fortinet FortiGate' },
  { id: 'cisco', systems: 'site with Cisco IOS-XE' },
] as const;
