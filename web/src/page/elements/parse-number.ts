/** The number in a field; NaN where the field is empty. */
export const parseNumber = (field: string): number => (field.trim() === "" ? Number.NaN : Number(field));
