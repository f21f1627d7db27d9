/** Where this node is reached, and through whom it joins. */
export interface AdmissionOptions {
  readonly id: string;
  readonly httpAddr: string;
  readonly raftAddr: string;
  /** HTTP addresses of members; empty: an empty node founds a cluster. */
  readonly join: readonly string[];
  /** With how many empty nodes it founds a cluster; 0: with nobody. */
  readonly bootstrapExpect: number;
  readonly learner: boolean;
  readonly replace: boolean;
  readonly electionTimeoutMs: number;
  /** Milliseconds after which the leader removes a member that it does not hear; 0: never. */
  readonly removeDeadAfterMs: number;
  /** Voters that stay at least then. */
  readonly removeDeadVotersMin: number;
  /** File with the number of members that is wanted; null: nothing says so. */
  readonly membersFile: string | null;
}

/** Injection token of {@link AdmissionOptions}. */
export const ADMISSION_OPTIONS = Symbol('ADMISSION_OPTIONS');
