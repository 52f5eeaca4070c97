// SPDX-License-Identifier: MIT
// The `--name=value` lines at the head of a script. Few of them mean anything to a simulation: addresses and ports are
// wild, code runs in no other process, and no cable is pulled. All that the language has are accepted.

import type { Script } from './syntax.ts';

/** Those that are obeyed. */
const OBEYED = ['tolerance_usecs', 'ip_version', 'mss', 'mtu', 'tcp_ts_tick_usecs', 'define', 'non_fatal'];
/** Those that ask for nothing here. */
const WILD = [
  ...['local_ip', 'remote_ip', 'gateway_ip', 'netmask_ip', 'bind_port', 'connect_port', 'speed', 'verbose'],
  ...['code_command', 'code_format', 'code_sockopt', 'init_scripts', 'dry_run', 'wire_client', 'wire_server'],
  ...['wire_server_ip', 'wire_server_port', 'wire_client_dev', 'wire_server_dev', 'so_filename', 'so_flags'],
  ...['strict_segments', 'send_omit_free', 'tcp_ts_ecr_scaled', 'scoped_local_ip', 'fixed_scripts'],
  ...['no_cleanup', 'persistent_tun_dev', 'tun_dev', 'udp_encaps', 'max_runtime', 'ts_val_offset'],
  ...['debug', 'is_anyip', 'socket_fd_alias', 'use_remote_ipv4', 'so_flags', 'idle_timeout'],
];

export function isKnownOption(name: string): boolean {
  return OBEYED.includes(name) || WILD.includes(name);
}

/** What the lines ask for. */
export interface ScriptOptions {
  /** How far times may be off; undefined when the script does not say. */
  toleranceUs: number | undefined;
  /** Octets of text in each segment that a long packet is cut into. */
  mss: number | undefined;
  /** A reason why the script cannot be run. */
  skip: string | undefined;
}

/** Throws on a value that is no number where one is needed; the message names the line. */
export function readOptions({ file, options }: Script): ScriptOptions {
  const read: ScriptOptions = { toleranceUs: undefined, mss: undefined, skip: undefined };
  for (const { name, value, place } of options) {
    const number = (): number => {
      if (/^\d+$/.test(value)) return Number(value);
      throw new SyntaxError(`${file}:${place.line}:${place.column}: expected a number after --${name}=`);
    };
    if (name === 'tolerance_usecs') read.toleranceUs = number();
    else if (name === 'mss') read.mss = number();
    else if (name === 'mtu') read.mss = number() - 40;
    else if (name === 'ip_version' && !/^ipv4(-mapped-ipv6)?$/.test(value)) read.skip = `IP version ${value}`;
  }
  return read;
}
