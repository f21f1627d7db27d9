/** Where something listens or is dialled. */
export interface Address {
  /** A name or an IP address; an IPv6 address without its brackets. */
  readonly host: string;
  /** 1 to 65,535. */
  readonly port: number;
}

const HOST_LENGTH_MAX = 253;
const LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;
const IPV6_GROUP = /^[0-9A-Fa-f]{1,4}$/;

/** Reads `host:port`, an IPv6 address in brackets (`[::1]:8091`); null where it is none. */
export function parseAddress(text: string): Address | null {
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (match === null) {
    return null;
  }
  const [, bracketed, plain, digits] = match;
  const host = bracketed === undefined ? hostName(plain ?? '') : ipv6(bracketed);
  const port = Number(digits);
  return host === null || port < 1 || port > 65_535 ? null : { host, port };
}

/** Reads `host:port`, or a host alone (IPv6 with or without brackets) with a null port; null where it is neither. */
export function parseBind(text: string): { readonly host: string; readonly port: number | null } | null {
  const address = parseAddress(text);
  if (address !== null) {
    return address;
  }
  const host = hostName(text) ?? ipv6(/^\[(.*)\]$/.exec(text)?.[1] ?? text);
  return host === null ? null : { host, port: null };
}

/** The text that {@link parseAddress} reads. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether the host is a wildcard: it can be listened on and not be dialled. */
export function isWildcardHost(host: string): boolean {
  return host === '0.0.0.0' || (host.includes(':') && /^[0:]*$/.test(host));
}

/** Whether the text is an address that others can dial. */
export function isDialable(text: string): boolean {
  const address = parseAddress(text);
  return address !== null && !isWildcardHost(address.host);
}

function hostName(text: string): string | null {
  if (text.length === 0 || text.length > HOST_LENGTH_MAX) {
    return null;
  }
  // A name of digits and dots would be dialled as an IPv4 address in one of its historic short forms.
  if (/^[\d.]+$/.test(text)) {
    return IPV4.test(text) ? text : null;
  }
  const labels = (text.endsWith('.') ? text.slice(0, -1) : text).split('.');
  return labels.every((label) => LABEL.test(label)) ? text : null;
}

function ipv6(text: string): string | null {
  const [address = '', zone, ...more] = text.split('%');
  if (more.length > 0 || (zone !== undefined && !/^[A-Za-z0-9._-]{1,64}$/.test(zone))) {
    return null;
  }
  const halves = address.split('::');
  if (halves.length > 2) {
    return null;
  }
  const lengths = halves.map((half, position) => groupCount(half, position === halves.length - 1));
  if (lengths.includes(null)) {
    return null;
  }
  const groups = lengths.reduce<number>((sum, length) => sum + (length ?? 0), 0);
  return (halves.length === 2 ? groups <= 7 : groups === 8) ? text : null;
}

/** Number of 16-bit groups, an IPv4 tail counting for two; null where one is malformed. */
function groupCount(half: string, isLast: boolean): number | null {
  if (half === '') {
    return 0;
  }
  const groups = half.split(':');
  const tail = groups.at(-1) ?? '';
  const tailIsIpv4 = isLast && IPV4.test(tail);
  const plain = tailIsIpv4 ? groups.slice(0, -1) : groups;
  return plain.every((group) => IPV6_GROUP.test(group)) ? plain.length + (tailIsIpv4 ? 2 : 0) : null;
}
