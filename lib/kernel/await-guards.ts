// Makes asynchronous cell code stoppable. Every `await x` of a cell becomes `__cell.resume(__cell.epoch, await x)`, and every
// `for await (… of x)` runs over `__cell.steps(x)`. An interrupt moves the epoch on, so whatever was waiting at that moment throws
// as soon as it resumes; otherwise it would go on in the background after its cell has ended.
import type TypeScript from '@tslab/typescript-for-tslab';
import type { Ts } from './typescript.ts';

/** The name under which cell code sees its guards. */
export const GUARDS = '__cell';

/** What guarded code calls around its awaits; `epoch` counts interrupts. */
export interface Guards {
  readonly epoch: number;
  resume<T>(epoch: number, value: T): T;
  steps<T>(source: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T>;
}

/** The syntax transformation, for the step from ECMAScript modules to CommonJS. */
export function guardAwaits(ts: Ts): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return (context) => {
    const { factory } = context;
    const guard = (name: string) =>
      factory.createPropertyAccessExpression(factory.createIdentifier(GUARDS), name);
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      const inner = ts.visitEachChild(node, visit, context);
      if (ts.isAwaitExpression(inner))
        return ts.setTextRange(
          factory.createCallExpression(guard('resume'), undefined, [guard('epoch'), inner]),
          inner,
        );
      if (ts.isForOfStatement(inner) && inner.awaitModifier)
        return factory.updateForOfStatement(
          inner,
          inner.awaitModifier,
          inner.initializer,
          factory.createCallExpression(guard('steps'), undefined, [inner.expression]),
          inner.statement,
        );
      return inner;
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
}

/** The guards, and the interrupt's side of them. */
export interface GuardControl {
  readonly guards: Guards;
  /** Makes everything that waits now throw when it resumes. */
  advance(): void;
  /** From now on until `release`, what begins to wait throws as well: the code that was busy when the interrupt came. */
  halt(): void;
  release(): void;
}

/** The guards and their control. What waited when an interrupt came throws what `reason` makes when it resumes. */
export function createGuards(reason: () => Error): GuardControl {
  const NEVER_EQUAL = -1;
  let epoch = 0;
  let halted = false;
  const now = () => (halted ? NEVER_EQUAL : epoch);
  const resume = <T>(then: number, value: T): T => {
    if (then !== epoch) throw reason();
    return value;
  };
  async function* steps<T>(source: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
    const then = now();
    for await (const item of source) yield resume(then, item);
  }
  return {
    guards: {
      get epoch() {
        return now();
      },
      resume,
      steps,
    },
    advance() {
      epoch += 1;
    },
    halt() {
      epoch += 1;
      halted = true;
    },
    release() {
      halted = false;
    },
  };
}
