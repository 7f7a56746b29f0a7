// Long computations that pause now and then, as generators, so that whoever runs one may do something else in between, or
// stop it. What they compute does not depend on what happens in the pauses.

/** Runs such a computation to its end at once. */
export function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
