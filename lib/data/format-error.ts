// The error of every reader of files: names the file, and inside it the episode and the field.

/** Where in a file something is wrong. */
export interface FormatPlace {
  readonly file: string;
  readonly episode?: number;
  readonly field?: string;
}

/** A file does not hold what it should. Files come from anywhere, so this is an expected error. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  readonly place: FormatPlace;

  constructor(place: FormatPlace, problem: string, options?: ErrorOptions) {
    const { file, episode, field } = place;
    const parts = [file, ...(episode === undefined ? [] : [`episode ${episode}`]), ...(field ? [field] : [])];
    super(`Cannot read ${parts.join(', ')}: ${problem}`, options);
    this.place = place;
  }
}
