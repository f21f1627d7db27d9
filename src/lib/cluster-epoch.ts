/** `<name>`, or `<name>.<epoch>-<mark>` where the cluster was rescued: the mark tells two rescues of one epoch apart. */
const form = /^(?<name>[^.]+)(?:\.(?<epoch>[1-9]\d{0,8})-[0-9a-f]+)?$/;

/** Hexadecimal digits of a mark. */
const markDigits = 8;

/**
 * The id of a cluster after a rescue, which its former members do not take for theirs.
 *
 * @param random - Hexadecimal digits that no other rescue has, at least 8.
 */
export function nextEpoch(clusterId: string, random: string): string {
  const { name, epoch } = readClusterId(clusterId);
  return `${name}.${epoch + 1}-${random.slice(0, markDigits)}`;
}

/**
 * Whether `clusterId` is a later epoch of the same cluster. Where two survivors were rescued by mistake, that of one of
 * them counts as later than an earlier one of the other: which came from which is not kept.
 */
export function isLaterEpoch(clusterId: string, earlier: string): boolean {
  const [now, before] = [readClusterId(clusterId), readClusterId(earlier)];
  return now.name === before.name && now.epoch > before.epoch;
}

/** A cluster that was never rescued is in its first epoch. */
function readClusterId(clusterId: string): { readonly name: string; readonly epoch: number } {
  const { name = clusterId, epoch = '1' } = form.exec(clusterId)?.groups ?? {};
  return { name, epoch: Number(epoch) };
}
