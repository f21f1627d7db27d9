/**
 * Judges recorded histories of clients.
 *
 * A harness records one {@link Operation} for each request, with `performance.now()` of one process as clock, and then asks
 * two checkers that share no method:
 *
 * ```ts
 * const searched = checkLinearizable(operations);            // any operations, a search with a step budget
 * const measured = checkRegisters(operations);               // unique values, O(n log n), any length
 * accepted = searched.verdict === 'linearizable' && measured.verdict === 'linearizable';
 * if (searched.violation !== null) print(describeViolation(searched.violation));
 * ```
 *
 * `undecided` is no acceptance. Reads of another level than `consistent` may be in the list; they are left out. Values must
 * be unique for `checkRegisters`, and then make `checkLinearizable` fast as well; what costs time is many `unknown`
 * writes on one key, so change the keys after a few hundred operations.
 *
 * `formatOperation` and `readHistory` write and read the JSON lines that `npm run check-history -- FILE...` takes.
 */
export type {
  AppendOperation,
  CasOperation,
  DeleteOperation,
  GetOperation,
  History,
  HistoryForm,
  Operation,
  Outcome,
  PutManyOperation,
  PutOperation,
  Value,
  WriteCondition,
  WriteOutput,
} from './history.js';
export type { Report, Verdict, Violation } from './report.js';
export type { CheckOptions } from './check-linearizable.js';
export { checkLinearizable } from './check-linearizable.js';
export { judge } from './judge.js';
export { checkRegisters } from './register-zones.js';
export { describeViolation } from './excerpt.js';
export { formatOperation } from './readers/json-lines.js';
export { HistoryError, readHistory } from './readers/read-history.js';
