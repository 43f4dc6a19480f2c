// One finding about a device: what was seen, what it means, what to do.

export interface Explanation {
  readonly row: RowName;
  /** `failure`: this is why it does not work. `warning`: it works, and this will be missed. `note`: nothing to do. */
  readonly severity: 'failure' | 'warning' | 'note';
  /** A short sentence. */
  readonly title: string;
  /** What happened, and why. */
  readonly text: string;
  /** What to do, in the order of trying. */
  readonly next: readonly string[];
  /** What it is concluded from. */
  readonly evidence: readonly (readonly [label: string, value: string])[];
}

export type RowName =
  | 'nothing-heard'
  | 'port-4500-blocked'
  | 'answer-lost'
  | 'windows-by-hand'
  | 'no-common-suite'
  | 'key-exchange-retry'
  | 'cookie-asked'
  | 'fragments-lost'
  | 'member-revoked'
  | 'member-suspended'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'certificate-superseded'
  | 'certificate-foreign'
  | 'certificate-name'
  | 'subject-as-name'
  | 'certificate-missing'
  | 'wrong-secret'
  | 'unknown-name'
  | 'wrong-method'
  | 'gateway-not-trusted'
  | 'no-address-asked'
  | 'selectors-refused'
  | 'handshake-failed'
  | 'nothing-sent'
  | 'policy-denies'
  | 'site-down'
  | 'no-way-back'
  | 'short-lived'
  | 'peer-vanished'
  | 'shared-identity'
  | 'split-dns'
  | 'dns-silent';
