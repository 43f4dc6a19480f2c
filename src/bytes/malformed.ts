// The one exception of the wire rooms: thrown while octets are read, caught at the boundary parsers.

export class Malformed extends Error {
  override name = 'Malformed';
}
