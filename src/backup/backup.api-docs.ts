import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiProduces, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { ApiProblems, ApiRedirect, ApiTimeout, headersOf, requestIdHeader } from '../http/index.js';
import type { ProblemCode } from '../http/index.js';

const binary = { type: 'string', format: 'binary' } as const;
const waitingProblems: readonly ProblemCode[] = ['STARTING', 'NO_LEADER', 'NO_MEMBER', 'SHUTTING_DOWN', 'OVERLOADED'];

const restoredSchema = z.object({
  revision: z.int().meta({ description: 'Of the store and of each restored key: above all that were seen before.' }),
  keys: z.int().meta({ description: 'How many keys there are now.' }),
});

/** `GET /backup`. */
export function ApiBackup(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Back up all keys',
      description:
        'All keys at one revision, as a stream, while others write. The end carries a SHA-256 of the whole: a file that was cut off is refused by a restore.',
    }),
    ApiProduces('application/octet-stream'),
    ApiQuery({
      name: 'level',
      required: false,
      description: 'As of a read of a key. With `stale` it works without a leader.',
      schema: { type: 'string', enum: ['stale', 'default', 'consistent'], default: 'consistent' },
    }),
    ApiTimeout(),
    ApiRedirect(),
    ApiResponse({
      status: 200,
      description: 'The backup.',
      headers: {
        ...requestIdHeader,
        ...headersOf({
          'Raftdb-Consistency': 'The level of the read.',
          'Raftdb-Revision': 'Revision of the store that the backup shows.',
          'Raftdb-Served-By': 'Id of the node that answers.',
          'Raftdb-Cluster-Id': 'Id of the cluster.',
        }),
      },
      content: { 'application/octet-stream': { schema: binary } },
    }),
    ApiProblems([...waitingProblems, 'INVALID_LEVEL']),
  );
}

/** `POST /restore`. */
export function ApiRestore(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Replace all keys by those of a backup',
      description:
        'The keys of the backup gather aside, through the log, and are put in force at once; until then everybody reads and writes the present ones. A damaged backup is refused and changes nothing. All restored keys get the new revision of the store, which goes up by 1,000,000,000 above every one before.',
    }),
    ApiBody({ required: true, schema: binary, description: 'What `GET /backup` gave, of any length.' }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: '1 to 255 visible ASCII characters: the same backup with the same key is restored once.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
    ApiResponse({ status: 200, description: 'Restored.', headers: requestIdHeader, standardSchema: restoredSchema }),
    ApiProblems([
      ...waitingProblems,
      'INVALID_BACKUP',
      'VALUE_TOO_LARGE',
      'CROSS_SITE',
      'REQUEST_TIMEOUT',
      'UNSUPPORTED_MEDIA_TYPE',
      'RESTORE_SUPERSEDED',
      'IDEMPOTENCY_KEY_REUSED',
      'OUTCOME_UNKNOWN',
      'STORAGE_FULL',
    ]),
  );
}
