import { joinSchema } from './dto/join.dto.js';
import type { JoinBody } from './dto/join.dto.js';
import { readJsonBody } from './json-body.js';

/**
 * Reads the body of `POST /join`.
 *
 * @throws Problem INVALID_JSON where it is no JSON, INVALID_PARAMETER naming the fields that are wrong.
 */
export function readJoinBody(body: Uint8Array): JoinBody {
  return readJsonBody(body, {
    schema: joinSchema,
    hint: 'with id, httpAddr, raftAddr and, where wanted, instanceId, learner and replace',
  });
}
