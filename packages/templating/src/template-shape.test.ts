import { describe, expect, it } from 'vitest';
import { shapeOf } from './template-shape.js';

describe('shapeOf', () => {
  it('describes a value by its fields and elements', () => {
    expect(shapeOf({ a: 'x', b: [1, 2], c: [{ d: true }], e: null, f: [], g: [1, 'x'] })).toEqual({
      fields: {
        a: 'string',
        b: { array: 'number' },
        c: { array: { fields: { d: 'boolean' } } },
        e: 'any',
        f: { array: 'any' },
        g: { array: 'any' },
      },
    });
  });

  it('keeps the shape of objects with the same fields and gives it up otherwise', () => {
    expect(shapeOf([{ a: 1 }, { a: 2 }])).toEqual({ array: { fields: { a: 'number' } } });
    expect(shapeOf([{ a: 1 }, { b: 2 }])).toEqual({ array: 'any' });
  });
});
