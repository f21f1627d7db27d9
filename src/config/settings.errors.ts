/** The command line or the environment is wrong. The message is one line that says what would be right. */
export class SettingsError extends Error {
  readonly code = 'INVALID_SETTINGS';
  readonly retryable = false;

  constructor(message: string) {
    super(message);
    this.name = 'SettingsError';
  }
}
