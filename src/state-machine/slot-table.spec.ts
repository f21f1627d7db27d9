import { expect, test } from '@jest/globals';
import { SlotTable } from './slot-table.js';

test('a slot keeps its record until it is freed, and then stands for another key', () => {
  const table = new SlotTable();
  const [first, second] = [table.add(), table.add()];
  table.set(first, 10);
  table.set(second, 20);
  expect([table.get(first), table.get(second), table.holds(first, 10), table.holds(first, 20)]).toEqual([
    10,
    20,
    true,
    false,
  ]);
  table.free(first);
  expect(table.holds(first, 10)).toBe(false);
  expect(() => table.get(first)).toThrow('broken invariant');
  expect(table.add()).toBe(first);
  expect(table.add()).not.toBe(second);
});

test('what is frozen stays, on pages that change and on others', () => {
  const table = new SlotTable();
  const slots = Array.from({ length: 10_000 }, () => table.add());
  for (const slot of slots) {
    table.set(slot, slot * 2);
  }
  const frozen = table.freeze();
  const again = table.freeze();
  table.set(5, 77);
  table.free(9_000);
  const later = table.freeze();
  table.set(5, 78);
  for (const slot of slots) {
    expect([frozen.get(slot), again.get(slot)]).toEqual([slot * 2, slot * 2]);
  }
  expect([later.get(5), table.get(5)]).toEqual([77, 78]);
});
