// One step of Adam on flat arrays, as lib/nn/adam.ts takes it.

/** `correction1` and `correction2` are 1 / (1 - beta^count). */
export function adamStep(
  params: usize,
  gradient: usize,
  mean: usize,
  square: usize,
  n: i32,
  rate: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  correction1: f64,
  correction2: f64,
): void {
  const keep1 = f32x4.splat(<f32>beta1);
  const take1 = f32x4.splat(<f32>(1 - beta1));
  const keep2 = f32x4.splat(<f32>beta2);
  const take2 = f32x4.splat(<f32>(1 - beta2));
  const step = f32x4.splat(<f32>(rate * correction1));
  const scale = f32x4.splat(<f32>correction2);
  const floor = f32x4.splat(<f32>epsilon);
  for (let at: usize = 0; at < (<usize>n) << 2; at += 16) {
    const g = v128.load(gradient + at);
    const m = f32x4.add(f32x4.mul(keep1, v128.load(mean + at)), f32x4.mul(take1, g));
    const v = f32x4.add(f32x4.mul(keep2, v128.load(square + at)), f32x4.mul(take2, f32x4.mul(g, g)));
    v128.store(mean + at, m);
    v128.store(square + at, v);
    const size = f32x4.add(f32x4.sqrt(f32x4.mul(v, scale)), floor);
    v128.store(params + at, f32x4.sub(v128.load(params + at), f32x4.div(f32x4.mul(step, m), size)));
  }
}
