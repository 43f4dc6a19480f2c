// UDP over IPv4 out of a capture file: pcap (draft-ietf-opsawg-pcap) or pcapng (draft-ietf-opsawg-pcapng), little-endian, Ethernet.

export interface CapturedDatagram {
  /** Counted from 1, as Wireshark does. */
  readonly frame: number;
  readonly source: string;
  readonly destination: string;
  readonly payload: Uint8Array;
}

export function readCapture(file: Uint8Array): CapturedDatagram[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const frames = view.getUint32(0, true) === PCAPNG ? pcapngFrames(file, view) : pcapFrames(file, view);
  return frames.map((octets, i) => udpOf(i + 1, octets)).filter((datagram) => datagram !== null);
}

const PCAP = 0xa1b2c3d4;
const PCAPNG = 0x0a0d0d0a;
const ENHANCED_PACKET = 6;

function pcapFrames(file: Uint8Array, view: DataView): Uint8Array[] {
  if (view.getUint32(0, true) !== PCAP) throw new Error('neither pcap nor pcapng of this byte order');
  const frames: Uint8Array[] = [];
  for (let at = 24; at < file.length; ) {
    const length = view.getUint32(at + 8, true);
    frames.push(file.subarray(at + 16, at + 16 + length));
    at += 16 + length;
  }
  return frames;
}

function pcapngFrames(file: Uint8Array, view: DataView): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < file.length; at += view.getUint32(at + 4, true)) {
    if (view.getUint32(at, true) !== ENHANCED_PACKET) continue;
    frames.push(file.subarray(at + 28, at + 28 + view.getUint32(at + 20, true)));
  }
  return frames;
}

function udpOf(frame: number, octets: Uint8Array): CapturedDatagram | null {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const IP = 14;
  if (view.getUint16(12) !== 0x0800 || octets[IP + 9] !== 17) return null;
  const udp = IP + 4 * (octets[IP]! & 0x0f);
  return {
    frame,
    source: `${octets.subarray(IP + 12, IP + 16).join('.')}:${view.getUint16(udp)}`,
    destination: `${octets.subarray(IP + 16, IP + 20).join('.')}:${view.getUint16(udp + 2)}`,
    payload: octets.subarray(udp + 8, udp + view.getUint16(udp + 4)),
  };
}
