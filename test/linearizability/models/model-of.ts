import type { History } from '../history.js';
import { appendModel } from './append.js';
import type { Model } from './model.js';
import { raftdbKeyModel } from './raftdb-key.js';
import { registerModel } from './register.js';

/** The model that a history is compared with: its form says what kind of store it was recorded on. */
export function modelOf({ form, initial }: Pick<History, 'form' | 'initial'>): Model<unknown> {
  if (form === 'json lines') {
    return raftdbKeyModel(initial);
  }
  return typeof initial === 'string' ? appendModel(initial) : registerModel(initial);
}
