/** A school of ten, of whom a guard lets three go at once. */
export const tenPeople: Readonly<Record<string, string>> = {
  ann: 'Ann Bos, teacher',
  p1: 'Pim One, student',
  p2: 'Pim Two, student',
  p3: 'Pim Three, student',
  p4: 'Pim Four, student',
  p5: 'Pim Five, student',
  p6: 'Pim Six, student',
  p7: 'Pim Seven, student',
  p8: 'Pim Eight, student',
  p9: 'Pim Nine, student',
};
