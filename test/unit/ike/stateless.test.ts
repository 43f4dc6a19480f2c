import { describe, expect, it } from 'vitest';
import { answerInvalidIkeSpi, answerInvalidMajorVersion } from '../../../src/ike/stateless.ts';
import { parseIkeMessage } from '../../../src/wire/ike-message.ts';
import { initialRequest, protectedMessage } from '../relay/harness.ts';

const request = protectedMessage(77, false, 9).subarray(4);

describe('INVALID_IKE_SPI', () => {
  it('copies SPIs, exchange and message ID, and is shorter than the request', () => {
    const answer = answerInvalidIkeSpi(request)!;
    const asked = parseIkeMessage(request).header;
    const { header, payloads } = parseIkeMessage(answer);
    expect(header).toMatchObject({
      SPIi: asked.SPIi,
      SPIr: asked.SPIr,
      exchange: 37,
      messageId: 9,
      initiator: false,
      response: true,
    });
    expect(payloads).toMatchObject([{ type: 'N', notify: 4 }]);
    expect(answer.length).toBeLessThan(request.length);
  });

  it('sets flag I where the gateway began the SA', () => {
    const fromResponder = request.with(19, 0);
    expect(parseIkeMessage(answerInvalidIkeSpi(fromResponder)!).header.initiator).toBe(true);
  });

  it('is not sent about a response, a first message, another version, or what is shorter', () => {
    const bare = request.slice(0, 28).with(16, 0).with(27, 28);
    for (const octets of [
      request.with(19, 0x28),
      initialRequest(1n),
      request.with(17, 0x10),
      request.with(17, 0x30),
      bare,
      request.subarray(1),
      new Uint8Array(0),
    ]) {
      expect(answerInvalidIkeSpi(octets)).toBeNull();
    }
  });
});

describe('INVALID_MAJOR_VERSION', () => {
  it('answers a request of a later version in ours', () => {
    const { header, payloads } = parseIkeMessage(answerInvalidMajorVersion(initialRequest(1n).with(17, 0x30))!);
    expect(header).toMatchObject({ majorVersion: 2, minorVersion: 0, response: true, exchange: 34 });
    expect(payloads).toMatchObject([{ type: 'N', notify: 5 }]);
  });

  it('answers neither our version, nor an earlier one, nor a response', () => {
    expect(answerInvalidMajorVersion(initialRequest(1n))).toBeNull();
    expect(answerInvalidMajorVersion(initialRequest(1n).with(17, 0x10))).toBeNull();
    expect(answerInvalidMajorVersion(initialRequest(1n).with(17, 0x30).with(19, 0x28))).toBeNull();
  });
});
