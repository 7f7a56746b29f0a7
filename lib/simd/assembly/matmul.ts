// Matrix products in blocks of 4 or 3 rows by 8 columns that stay in registers: at every step a block reads 8 columns of B
// and one number of each row of A, and it writes once. Larger blocks, and loops unrolled by hand, were slower on x64.

/**
 * C = init + A B, float32, for `rows` x `cols` x `inner`. Strides in bytes.
 *   A(i, k) at a + i aRow + k aCol: swapping the two strides transposes A.
 *   B in panels of 8 columns: columns 8p ... 8p + 7 of its row k at b + p bPanel + k bRow.
 *   C and init row-major with row strides cRow and initRow; initRow 0 adds one row (a bias) to all, init = c accumulates.
 * `cols` is a multiple of 8. For 1, 2 or 5 rows the next multiple of 4 is written: leave room.
 */
export function matmul(
  a: usize,
  aRow: usize,
  aCol: usize,
  b: usize,
  bPanel: usize,
  bRow: usize,
  init: usize,
  initRow: usize,
  c: usize,
  cRow: usize,
  rows: i32,
  cols: i32,
  inner: i32,
): void {
  let threes = (4 - (rows & 3)) & 3;
  let fours = (rows - 3 * threes) / 4;
  if (rows < 3 * threes) {
    threes = 0;
    fours = (rows + 3) / 4;
  }
  for (let col = 0; col < cols; col += 8) {
    const panel = b + <usize>(col >> 3) * bPanel;
    let aBlock = a;
    let initBlock = init + <usize>(col << 2);
    let cBlock = c + <usize>(col << 2);
    for (let n = 0; n < fours; n++) {
      block4(aBlock, aRow, aCol, panel, bRow, initBlock, initRow, cBlock, cRow, inner);
      aBlock += 4 * aRow;
      initBlock += 4 * initRow;
      cBlock += 4 * cRow;
    }
    for (let n = 0; n < threes; n++) {
      block3(aBlock, aRow, aCol, panel, bRow, initBlock, initRow, cBlock, cRow, inner);
      aBlock += 3 * aRow;
      initBlock += 3 * initRow;
      cBlock += 3 * cRow;
    }
  }
}

function block4(
  a: usize,
  aRow: usize,
  aCol: usize,
  b: usize,
  bRow: usize,
  init: usize,
  initRow: usize,
  c: usize,
  cRow: usize,
  inner: i32,
): void {
  let c0l = v128.load(init);
  let c0h = v128.load(init, 16);
  init += initRow;
  let c1l = v128.load(init);
  let c1h = v128.load(init, 16);
  init += initRow;
  let c2l = v128.load(init);
  let c2h = v128.load(init, 16);
  init += initRow;
  let c3l = v128.load(init);
  let c3h = v128.load(init, 16);
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let k = inner;
  do {
    const low = v128.load(b);
    const high = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    c0l = f32x4.add(c0l, f32x4.mul(x0, low));
    c0h = f32x4.add(c0h, f32x4.mul(x0, high));
    a += aCol;
    const x1 = v128.load32_splat(a1);
    c1l = f32x4.add(c1l, f32x4.mul(x1, low));
    c1h = f32x4.add(c1h, f32x4.mul(x1, high));
    a1 += aCol;
    const x2 = v128.load32_splat(a2);
    c2l = f32x4.add(c2l, f32x4.mul(x2, low));
    c2h = f32x4.add(c2h, f32x4.mul(x2, high));
    a2 += aCol;
    const x3 = v128.load32_splat(a3);
    c3l = f32x4.add(c3l, f32x4.mul(x3, low));
    c3h = f32x4.add(c3h, f32x4.mul(x3, high));
    a3 += aCol;
    b += bRow;
  } while (--k);
  v128.store(c, c0l);
  v128.store(c, c0h, 16);
  c += cRow;
  v128.store(c, c1l);
  v128.store(c, c1h, 16);
  c += cRow;
  v128.store(c, c2l);
  v128.store(c, c2h, 16);
  c += cRow;
  v128.store(c, c3l);
  v128.store(c, c3h, 16);
}

function block3(
  a: usize,
  aRow: usize,
  aCol: usize,
  b: usize,
  bRow: usize,
  init: usize,
  initRow: usize,
  c: usize,
  cRow: usize,
  inner: i32,
): void {
  let c0l = v128.load(init);
  let c0h = v128.load(init, 16);
  init += initRow;
  let c1l = v128.load(init);
  let c1h = v128.load(init, 16);
  init += initRow;
  let c2l = v128.load(init);
  let c2h = v128.load(init, 16);
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let k = inner;
  do {
    const low = v128.load(b);
    const high = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    c0l = f32x4.add(c0l, f32x4.mul(x0, low));
    c0h = f32x4.add(c0h, f32x4.mul(x0, high));
    a += aCol;
    const x1 = v128.load32_splat(a1);
    c1l = f32x4.add(c1l, f32x4.mul(x1, low));
    c1h = f32x4.add(c1h, f32x4.mul(x1, high));
    a1 += aCol;
    const x2 = v128.load32_splat(a2);
    c2l = f32x4.add(c2l, f32x4.mul(x2, low));
    c2h = f32x4.add(c2h, f32x4.mul(x2, high));
    a2 += aCol;
    b += bRow;
  } while (--k);
  v128.store(c, c0l);
  v128.store(c, c0h, 16);
  c += cRow;
  v128.store(c, c1l);
  v128.store(c, c1h, 16);
  c += cRow;
  v128.store(c, c2l);
  v128.store(c, c2h, 16);
}
