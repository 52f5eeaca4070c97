// SPDX-License-Identifier: MIT
// Addresses as people write them and as the module takes them: IPv4 as u32 in host order (10.0.0.2 = 0x0A000002),
// Ethernet as the first two octets and the last four.

/** `10.0.0.2` as u32 in host order. Throws on anything but four decimal octets. */
export function parseIpv4(text: string): number {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (octets === undefined || octets.some((octet) => octet > 255))
    throw new TypeError(`not an IPv4 address: ${text}`);
  return octets.reduce((address, octet) => address * 256 + octet, 0);
}

/** u32 in host order (signed or not) as `10.0.0.2`. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** `02:00:00:00:00:02` as six octets. Throws on anything else and on group addresses, which no station may bear. */
export function parseMac(text: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) throw new TypeError(`not an Ethernet address: ${text}`);
  const octets = Uint8Array.from(text.split(':'), (octet) => parseInt(octet, 16));
  if ((octets[0]! & 1) !== 0) throw new TypeError(`a group address cannot be a station's: ${text}`);
  return octets;
}
