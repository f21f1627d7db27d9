import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { ApiProblems, ApiRedirect, ApiTimeout, headersOf, jsonSchema, requestIdHeader } from '../http/index.js';
import type { ProblemCode } from '../http/index.js';
import {
  countSchema,
  deletedSchema,
  metaKeySchema,
  plainKeySchema,
  rangeSchema,
  writeKeysSchema,
  writtenSchema,
} from './dto/key.dto.js';
import { LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX } from './read-options.js';

const waitingProblems: readonly ProblemCode[] = ['STARTING', 'NO_LEADER', 'NO_MEMBER', 'SHUTTING_DOWN', 'OVERLOADED'];
const readProblems: readonly ProblemCode[] = [...waitingProblems, 'INVALID_LEVEL', 'TIMEOUT'];
const writeProblems: readonly ProblemCode[] = [
  ...waitingProblems,
  'CROSS_SITE',
  'IDEMPOTENCY_KEY_REUSED',
  'OUTCOME_UNKNOWN',
  'STORAGE_FULL',
];
const bodyProblems: readonly ProblemCode[] = [
  'INVALID_JSON',
  'VALUE_TOO_LARGE',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'REQUEST_TIMEOUT',
];

const etag = headersOf({ ETag: 'The `modRevision` of the key in quotes.' });
const readHeaders = {
  ...requestIdHeader,
  ...headersOf({
    'Raftdb-Consistency': 'The level of the read.',
    'Raftdb-Revision': 'Revision of the store when it was read.',
    'Raftdb-Served-By': 'Id of the node that answers.',
    'Raftdb-Last-Contact-Ms':
      'With level=stale: milliseconds since the node heard its leader, 0 on the leader; absent where it never did.',
    'Raftdb-Known-Leader': 'With level=stale: id of the leader; absent where none is known.',
  }),
};
const tagged = { ...requestIdHeader, ...etag };

/** `POST /key`. */
export function ApiWriteKeys(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'Write keys', description: 'All keys are written in one atomic step and one revision.' }),
    ApiBody({ required: true, schema: jsonSchema(writeKeysSchema, 'input') }),
    ApiResponse({ status: 200, description: 'Written.', headers: requestIdHeader, standardSchema: writtenSchema }),
    ApiWrite(),
    ApiProblems([...writeProblems, ...bodyProblems, 'INVALID_KEY', 'EMPTY_WRITE']),
  );
}

/** `GET /key`. */
export function ApiListKeys(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'List keys',
      description:
        'A page of the keys that begin with a prefix, in byte order. It ends early where its answer would grow above about 8 MiB: `next` tells.',
    }),
    ApiQuery({ name: 'prefix', required: false, description: 'Default: all keys.', schema: { type: 'string' } }),
    ApiQuery({
      name: 'limit',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: LIST_LIMIT_MAX, default: LIST_LIMIT_DEFAULT },
    }),
    ApiQuery({ name: 'after', required: false, description: 'Only keys after this one.', schema: { type: 'string' } }),
    ApiQuery({ name: 'keysOnly', required: false, description: 'Leaves the values out.', schema: { type: 'boolean' } }),
    ApiQuery({
      name: 'countOnly',
      required: false,
      description: 'Answers the number of keys with the prefix; not with limit, after or keysOnly.',
      schema: { type: 'boolean' },
    }),
    ApiRead(),
    ApiResponse({
      status: 200,
      description: 'The page, or the number of keys.',
      headers: readHeaders,
      schema: { anyOf: [jsonSchema(rangeSchema, 'output'), jsonSchema(countSchema, 'output')] },
    }),
    ApiProblems([...readProblems, 'INVALID_KEY']),
  );
}

/** `DELETE /key`. */
export function ApiDeletePrefix(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'Delete keys', description: 'Deletes all keys that begin with a prefix, in one step.' }),
    ApiQuery({ name: 'prefix', required: true, description: 'Not empty.', schema: { type: 'string', minLength: 1 } }),
    ApiResponse({ status: 200, description: 'Done.', headers: requestIdHeader, standardSchema: deletedSchema }),
    ApiWrite(),
    ApiProblems([...writeProblems, 'INVALID_KEY']),
  );
}

/** `GET /key/{path}`. */
export function ApiReadKey(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'Read a key', description: 'The value comes back as the text that was given.' }),
    ApiProduces('application/json', 'text/plain'),
    ApiReadOneKey(),
  );
}

/** `HEAD /key/{path}`. */
export function ApiHeadKey(): MethodDecorator {
  return applyDecorators(ApiOperation({ summary: 'Read the headers of a key' }), ApiReadOneKey());
}

/** `PUT /key/{path}`. */
export function ApiPutKey(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'Write a key', description: 'The body is the JSON value itself.' }),
    ApiBody({ required: true, schema: { description: 'Any JSON value.', example: 'bar' } }),
    ApiResponse({ status: 200, description: 'Written.', headers: tagged, standardSchema: writtenSchema }),
    ApiWriteOneKey(bodyProblems),
  );
}

/** `DELETE /key/{path}`. */
export function ApiDeleteKey(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'Delete a key', description: 'A key that does not exist is no error: `deleted` is 0.' }),
    ApiResponse({ status: 200, description: 'Done.', headers: requestIdHeader, standardSchema: deletedSchema }),
    ApiWriteOneKey([]),
  );
}

function ApiReadOneKey(): MethodDecorator {
  return applyDecorators(
    ApiPath(),
    ApiQuery({
      name: 'meta',
      required: false,
      description: 'Answers key, value and revisions; not with raw.',
      schema: { type: 'boolean' },
    }),
    ApiQuery({
      name: 'raw',
      required: false,
      description: 'Answers the value alone: a string as text/plain, anything else as JSON.',
      schema: { type: 'boolean' },
    }),
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description: 'Entity tags: 304 where the key still has one of them.',
      schema: { type: 'string' },
    }),
    ApiRead(),
    ApiResponse({
      status: 200,
      description: 'The key.',
      headers: { ...readHeaders, ...etag },
      schema: { anyOf: [jsonSchema(plainKeySchema, 'output'), jsonSchema(metaKeySchema, 'output')] },
    }),
    ApiResponse({
      status: 304,
      description: 'The key still has this entity tag.',
      headers: { ...readHeaders, ...etag },
    }),
    ApiProblems([...readProblems, 'INVALID_KEY', 'KEY_NOT_FOUND'], { KEY_NOT_FOUND: readHeaders }),
  );
}

function ApiWriteOneKey(problems: readonly ProblemCode[]): MethodDecorator {
  return applyDecorators(
    ApiPath(),
    ApiHeader({
      name: 'If-Match',
      required: false,
      description: 'One entity tag, or `*` for any: the write happens only where the key has it.',
      schema: { type: 'string' },
    }),
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description: '`*`: the write happens only where the key does not exist.',
      schema: { type: 'string' },
    }),
    ApiWrite(),
    ApiProblems([...writeProblems, ...problems, 'INVALID_KEY', 'CONDITION_FAILED'], { CONDITION_FAILED: etag }),
  );
}

function ApiPath(): MethodDecorator {
  return ApiParam({
    name: 'path',
    description: 'The key: 1 to 1,024 bytes of UTF-8 without NUL, percent-encoded once; slashes may stand bare.',
    schema: { type: 'string', minLength: 1 },
    example: 'foo',
  });
}

function ApiRead(): MethodDecorator {
  return applyDecorators(
    ApiQuery({
      name: 'level',
      required: false,
      description:
        '`stale`: some state of this node. `default`: the state of the leader, without asking a quorum. `consistent`: linearizable. In any case of letters.',
      schema: { type: 'string', enum: ['stale', 'default', 'consistent'], default: 'default' },
    }),
    ApiQuery({
      name: 'min-revision',
      required: false,
      description: 'Waits until this node has applied the revision; 504 `TIMEOUT` where it does not in time.',
      schema: { type: 'integer', minimum: 0 },
    }),
    ApiTimeout(),
    ApiRedirect(),
  );
}

function ApiWrite(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        '1 to 255 visible ASCII characters: the same request with the same key gets the first answer again, at any node.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
    ApiTimeout(),
    ApiRedirect(),
  );
}
