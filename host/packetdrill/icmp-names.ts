// SPDX-License-Identifier: MIT
// Types and codes of ICMP messages, RFC 792 and RFC 1122 §3.2.2, under the names that scripts give them; or by number,
// `type_3` and `code_4`.

const TYPES: Readonly<Record<string, number>> = {
  echo_reply: 0,
  unreachable: 3,
  destination_unreachable: 3,
  source_quench: 4,
  redirect: 5,
  echo_request: 8,
  time_exceeded: 11,
  parameter_problem: 12,
  timestamp_request: 13,
  timestamp_reply: 14,
  information_request: 15,
  information_reply: 16,
  address_mask_request: 17,
  address_mask_reply: 18,
};

const UNREACHABLE = 3;
/** In the order of their numbers. */
const UNREACHABLE_CODES = [
  ...['net_unreachable', 'host_unreachable', 'protocol_unreachable', 'port_unreachable', 'frag_needed'],
  ...['source_route_failed', 'net_unknown', 'host_unknown', 'source_host_isolated', 'net_prohibited'],
  ...['host_prohibited', 'net_unreachable_for_tos', 'host_unreachable_for_tos', 'packet_filtered'],
  ...['precedence_violation', 'precedence_cutoff'],
];

export function icmpType(name: string): number | undefined {
  return TYPES[name] ?? numbered('type', name);
}

/** Undefined: no such code of `type`. */
export function icmpCode(type: number, name: string): number | undefined {
  const code = type === UNREACHABLE ? UNREACHABLE_CODES.indexOf(name) : -1;
  return code >= 0 ? code : numbered('code', name);
}

/** `unreachable frag_needed`, or numbers for what has no name. */
export function icmpText(type: number, code: number): string {
  const name = Object.keys(TYPES).find((key) => TYPES[key] === type) ?? `type_${type}`;
  const codeName = type === UNREACHABLE ? UNREACHABLE_CODES[code] : undefined;
  return `${name} ${codeName ?? `code_${code}`}`;
}

function numbered(prefix: string, name: string): number | undefined {
  const found = new RegExp(`^${prefix}_(\\d+)$`).exec(name)?.[1];
  return found === undefined || Number(found) > 255 ? undefined : Number(found);
}
