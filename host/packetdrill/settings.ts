// SPDX-License-Identifier: MIT
// The commands in back quotes, by a table. What sets up a kernel is mapped to this stack: a setting that it has, too; a
// setting of which the script itself sees whether it holds (then there is nothing to do); or one that it lacks, and the
// script is skipped with the reason. Commands are never run.

import type { Feature, Features } from './features.ts';

/** What the commands of a script come to. */
export interface Settings {
  /** Reasons why the script cannot be run. */
  skips: string[];
  /** What the script wants to be without. */
  off: Set<Feature>;
  /** What the kernel would offer in a SYN of its own. */
  offersEcn: boolean;
  /** Defaults of sockets, in seconds and count; undefined: ours. */
  keepIdle: number | undefined;
  keepInterval: number | undefined;
  keepCount: number | undefined;
}

type Rule = (value: string, settings: Settings, features: Features) => string | undefined;

/** Nothing to do: what it tunes is the stack's own business, and the script's packets show whether it fits. */
const own: Rule = () => undefined;
/** Fine as long as it is off. */
const lacking =
  (what: string, off = '0'): Rule =>
  (value) =>
    value === off ? undefined : what;
/** Can be on where the stack has it. Off: the script's SYNs must not offer it. */
const feature =
  (name: Feature): Rule =>
  (value, settings, features) => {
    if (value === '0') settings.off.add(name);
    else if (!features.has(name)) return name;
    return undefined;
  };
/** Cannot be changed. */
const fixed =
  (value: string, what: string): Rule =>
  (wanted) =>
    wanted === value ? undefined : what;

const ecn: Rule = (value, settings, features) => {
  if (value === '0') settings.off.add('ecn');
  else if (Number(value) > 2) return 'AccECN';
  else if (!features.has('ecn') && value === '1') return 'ecn';
  settings.offersEcn = value === '1';
  return undefined;
};

/** By what follows `net.ipv4.` on Linux or `net.inet.tcp.` on FreeBSD. */
const RULES: Readonly<Record<string, Rule>> = {
  // Linux
  tcp_sack: feature('sack'),
  tcp_timestamps: feature('timestamps'),
  tcp_window_scaling: feature('window scaling'),
  tcp_ecn: ecn,
  tcp_ecn_fallback: own,
  tcp_dsack: own,
  tcp_fastopen: own,
  tcp_fastopen_key: own,
  tcp_fastopen_blackhole_timeout_sec: own,
  tcp_mtu_probing: lacking('probing for the path MTU'),
  tcp_base_mss: own,
  tcp_min_snd_mss: own,
  tcp_keepalive_time: (value, settings) => void (settings.keepIdle = Number(value)),
  tcp_keepalive_intvl: (value, settings) => void (settings.keepInterval = Number(value)),
  tcp_keepalive_probes: (value, settings) => void (settings.keepCount = Number(value)),
  tcp_abort_on_overflow: lacking('a reset for every connection that finds the queue full'),
  tcp_abc: own,
  tcp_thin_linear_timeouts: lacking('linear timeouts'),
  tcp_syn_linear_timeouts: lacking('linear timeouts of the SYN'),
  tcp_tw_reuse: own,
  tcp_available_congestion_control: own,
  tcp_allowed_congestion_control: own,
  tcp_congestion_control: (value) =>
    /^(reno|cubic)$/.test(value) ? undefined : `congestion control ${value}`,
  tcp_shrink_window: lacking('a window that shrinks'),
  tcp_migrate_req: lacking('connections that move to another listener'),
  tcp_plb_enabled: lacking('path changes by PLB'),
  ip_nonlocal_bind: lacking('addresses of others'),
  // FreeBSD
  rfc1323: (value, settings, features) =>
    feature('timestamps')(value, settings, features) ?? feature('window scaling')(value, settings, features),
  'sack.enable': feature('sack'),
  'ecn.enable': ecn,
  delayed_ack: fixed('1', 'an ACK for every segment'),
  'syncache.rst_on_sock_fail': own,
  blackhole: lacking('a host that never sends a reset'),
  drop_synfin: fixed('0', 'a host that drops SYN,FIN'),
  insecure_rst: fixed('0', 'resets anywhere in the window'),
  insecure_syn: fixed('0', 'SYNs that end a connection'),
  icmp_may_rst: fixed('1', 'connections that no ICMP ends'),
  path_mtu_discovery: fixed('1', 'packets that routers may fragment'),
  pmtud_blackhole_detection: lacking('the search for MTU black holes'),
  'cc.algorithm': (value) => (/^(newreno|cubic)$/.test(value) ? undefined : `congestion control ${value}`),
  functions_default: (value) => (value === 'freebsd' ? undefined : `the TCP stack ${value} of FreeBSD`),
  always_keepalive: lacking('keep-alives that nobody asked for'),
  keepidle: (value, settings) => void (settings.keepIdle = Number(value) / 1000),
  keepintvl: (value, settings) => void (settings.keepInterval = Number(value) / 1000),
  keepcnt: (value, settings) => void (settings.keepCount = Number(value)),
  'fastopen.server_enable': own,
  'fastopen.client_enable': own,
};

/** Settings that begin so, and are not above, tune what the packets of a script show. */
const OWN = [
  /^(tcp_(r|w)?mem|tcp_rto|tcp_syn|tcp_frto|tcp_fack|tcp_early|tcp_recovery|tcp_reord|tcp_slow|tcp_no_)/,
  /^(tcp_metrics|tcp_limit|tcp_tso|tcp_pacing|tcp_autocork|tcp_min|tcp_app|tcp_adv|tcp_moderate|tcp_retries)/,
  /^(tcp_fin_timeout|tcp_challenge|tcp_invalid|tcp_max|tcp_orphan|tcp_comp|tcp_backlog|tcp_stdurg|tcp_rfc1337)/,
  /^(tcp_init|tcp_reflect|tcp_workaround|tcp_notsent|tcp_child|tcp_ehash|tcp_probe|tcp_delack|tcp_pingpong)/,
  /^(tcp_low|ip_local|ip_default|icmp_|ip_no_pmtu|route\.|conf\.|ip_dynaddr|tcp_mem|tcp_rx|tcp_option)/,
  /^(tcp_collapse|tcp_delay|tcp_aggregation|tcp_cwnd|tcp_use|tcp_hpts|tcp_early_demux|ip_early_demux)/,
  /^(hostcache|rexmit|delacktime|mssdflt|v6mssdflt|minmss|initcwnd|syncookies|syncache|keepinit|msl|rfc)/,
  /^(reass|finwait2|fast_finwait2|maxtcptw|nolocaltimewait|per_cpu|log|do_|recvbuf|sendbuf|recvspace|sendspace)/,
  /^(tso|hystart|cc\.|rack|bbr|sack\.|ack_war|ts_offset|tolerate|newreno|abc|isn|map_|msl|require|lro|perconn)/,
];
const NAMESPACE = /^(?:net[./](?:ipv4|ipv6|inet[./]tcp|inet[./]ip|inet|core)[./])/;
/** Other namespaces in which nothing concerns a stack of its own. */
const ELSEWHERE =
  /^(?:net\.core\.|net\.mptcp\.|kern\.|vm\.|kernel\.|dev\.|hw\.|security\.|net\.inet\.ip\.|net\.link\.)/;

/** Scripts that set up a kernel as scripts expect it; their settings are the ones that this file knows. */
const SETUP = /(?:^|\/)(?:defaults|default|set_sysctls|sysctl_restore|ksft_runner)[\w${}-]*\.(?:sh|py)$/;
const HARMLESS =
  /^(?:true|:|sleep|usleep|sync|modprobe|ethtool|exit|set|export|cat|mkdir|rm|kldload|dmesg|date)$/;

export function newSettings(): Settings {
  return {
    ...{ skips: [], off: new Set(), offersEcn: false },
    ...{ keepIdle: undefined, keepInterval: undefined, keepCount: undefined },
  };
}

/** Carry out the commands of one pair of back quotes on `settings`. */
export function applyShell(text: string, settings: Settings, features: Features): void {
  const commands = text
    .replace(/\\\n/g, ' ')
    .split(/\n|;|&&/)
    .map((command) => command.replace(/(^|\s)#.*/, '').trim())
    .filter((command) => command !== '');
  for (const command of commands) {
    const skip = applyCommand(command, settings, features);
    if (skip !== undefined) settings.skips.push(skip);
  }
}

function applyCommand(command: string, settings: Settings, features: Features): string | undefined {
  const words = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  const name = words[0]!.replace(/^.*\//, '');
  const echo = /^echo\s+(?:-n\s+)?"?([^">]*?)"?\s*>\s*\/proc\/sys\/(\S+)$/.exec(command);
  if (echo !== null) return set(echo[2]!.replaceAll('/', '.'), echo[1]!, settings, features);
  if (name === 'sysctl') return assignments(words.slice(1), settings, features);
  if (SETUP.test(words[0]!)) return assignments(words.slice(1), settings, features);
  if (name === 'ip' || name === 'tc' || name === 'ifconfig' || name === 'route') return ofRoutes(command);
  if (HARMLESS.test(name) || /^\w+=/.test(name)) return undefined;
  return `the command ${name}`;
}

/** `name=value` words; options are passed over. */
function assignments(words: string[], settings: Settings, features: Features): string | undefined {
  for (const word of words) {
    if (word.startsWith('-') || /^[\d>&|]/.test(word) || word.startsWith('/dev/')) continue;
    const [, name, value] = /^([^=]+)=?(.*)$/s.exec(word)!;
    const reason = set(name!, value!.replace(/^["']|["']$/g, ''), settings, features);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function set(path: string, value: string, settings: Settings, features: Features): string | undefined {
  const whole = path.replace(/^\/?proc\/sys\//, '').replaceAll('/', '.');
  const name = whole.replace(NAMESPACE, '');
  const rule = RULES[name];
  if (rule !== undefined) {
    const reason = rule(value, settings, features);
    return reason === undefined ? undefined : `${reason} (${whole}=${value})`;
  }
  if (ELSEWHERE.test(whole) || OWN.some((pattern) => pattern.test(name))) return undefined;
  return `the setting ${whole}`;
}

/** Routes that only lead somewhere are no concern; routes that carry values for TCP are. */
function ofRoutes(command: string): string | undefined {
  const value =
    /\b(initcwnd|initrwnd|rto_min|quickack|advmss|mtu|cwnd|congctl|features|reordering|hoplimit)\b/;
  const found = /^(ip|route)\b.*\broute?\b/.test(command) ? value.exec(command)?.[1] : undefined;
  if (found !== undefined) return `${found} of a route`;
  if (/\bmtu\b/.test(command)) return 'the MTU of an interface';
  return undefined;
}
