import type { ValueTransformer } from 'typeorm';
import { corrupt } from '../storage.errors.js';

/** Columns of 64 bits hold safe integers only; some drivers return them as text. */
export const safeInteger: ValueTransformer = {
  to: (value: unknown): unknown => value,
  from: (value: unknown): number => {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) {
      throw corrupt(`a column holds ${String(value)}, which is no index, term or time`);
    }
    return number;
  },
};
