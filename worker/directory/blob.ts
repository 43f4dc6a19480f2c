// Octets as D1 gives them back: an array of numbers where a BLOB was stored.

export type SqlBlob = ArrayBuffer | readonly number[];

export function octetsOf(blob: SqlBlob): Uint8Array {
  return blob instanceof ArrayBuffer ? new Uint8Array(blob) : Uint8Array.from(blob);
}
