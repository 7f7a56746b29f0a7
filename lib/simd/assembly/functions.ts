// exp, tanh, sigmoid and softplus of 4 numbers at once, from additions, multiplications and divisions alone: the same bytes
// on every machine, which the host's Math does not promise. Polynomials of S. L. Moshier's Cephes (single precision).

/** e^x, relative error below 2e-7; x is first bounded to [-87.3, 88.3], where the result is an ordinary float32. */
export function exp(x: v128): v128 {
  // pmin(a, b) is b < a ? b : a: a NaN in the first place stays.
  const bounded = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87.3)), f32x4.splat(88.3));
  const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(<f32>Math.LOG2E)));
  // x - n ln 2 in two parts, the first of which has few enough bits for an exact product.
  let r = f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  const exponent = i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127));
  return f32x4.mul(p, i32x4.shl(exponent, 23));
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp(f32x4.neg(x))));
}

/** tanh x: a polynomial below 0.625, else 1 - 2 / (e^2|x| + 1) with x's sign. */
export function tanh(x: v128): v128 {
  const size = f32x4.abs(x);
  const e = exp(f32x4.add(size, size));
  const far = f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(2), f32x4.add(e, f32x4.splat(1))));
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.06390887954e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-5.37397155531e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(1.33314422036e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-3.33332819422e-1));
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const signed = v128.bitselect(x, far, i32x4.splat(0x80000000));
  return v128.bitselect(near, signed, f32x4.lt(size, f32x4.splat(0.625)));
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + u), u = e^-|x|, by ln(1 + u) = 2 artanh(u / (2 + u)), whose argument is at most 1/3. */
export function softplus(x: v128): v128 {
  const u = exp(f32x4.neg(f32x4.abs(x)));
  const s = f32x4.div(u, f32x4.add(u, f32x4.splat(2)));
  const z = f32x4.mul(s, s);
  let p = f32x4.splat(1.0 / 15);
  for (let odd: f32 = 13; odd > 0; odd -= 2) p = f32x4.add(f32x4.mul(p, z), f32x4.splat(1 / odd));
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.mul(f32x4.add(s, s), p));
}

/** The same of a single number. */
export function softplusOf(x: f32): f32 {
  return f32x4.extract_lane(softplus(f32x4.splat(x)), 0);
}

/** The same of a single number. */
export function sigmoidOf(x: f32): f32 {
  return f32x4.extract_lane(sigmoid(f32x4.splat(x)), 0);
}

/** The same of a single number. */
export function expOf(x: f32): f32 {
  return f32x4.extract_lane(exp(f32x4.splat(x)), 0);
}

/** In place, for the tests of accuracy: 0 exp, 1 sigmoid, 2 tanh, 3 softplus. */
export function applyFunction(which: i32, x: usize, n: i32): void {
  const end = x + ((<usize>n) << 2);
  for (; x < end; x += 16) {
    const v = v128.load(x);
    if (which === 0) v128.store(x, exp(v));
    else if (which === 1) v128.store(x, sigmoid(v));
    else if (which === 2) v128.store(x, tanh(v));
    else v128.store(x, softplus(v));
  }
}
