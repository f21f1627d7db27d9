/** The front door of http/ for the folders that answer requests. */
export { joinBody } from './answer-body.js';
export type { BodyText } from './answer-body.js';
export { jsonAnswer, JSON_CONTENT_TYPE, sendAnswer, sendStream } from './answer.js';
export type { Answer } from './answer.js';
export { apiRequest } from './api-request.js';
export type { ApiRequest } from './api-request.js';
export * from './api-docs.js';
export { programVersion } from '../config/program-version.js';
export type { BodyConfig, WriteConfig } from './http-adapter.js';
export { Deadline } from './deadline.js';
export { HttpSettings } from './http-settings.js';
export { LeaderRouting } from './leader-routing.js';
export { jsonSchema } from './openapi.js';
export { Problem } from './problem.js';
export type { HeaderList, ProblemCode } from './problem.js';
export { QueryParameters } from './query-parameters.js';
