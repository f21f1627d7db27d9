/** Texts of three units with one FNV-1a hash: two units are tried, and the third follows from the state after them. As slot-hash.ts hashes. */
export function formsOfOneHash(count: number): string[] {
  const step = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193);
  const wanted = 0x12345678;
  const found: string[] = [];
  for (let first = 0; first < 0x10000; first += 1) {
    for (let second = 0; second < 200 && found.length < count; second += 1) {
      const third = step(step(3, first), second) ^ wanted;
      if (third >= 0 && third < 0x10000) {
        found.push(String.fromCharCode(first, second, third));
      }
    }
  }
  return found;
}
