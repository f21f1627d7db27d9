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

/** The same where there may be none. */
export const optionalSafeInteger: ValueTransformer = {
  to: (value: unknown): unknown => value,
  from: (value: unknown): unknown => (value === null ? null : (safeInteger.from(value) as number)),
};
