/**
 * Columns that no feature may come from. ECOA (15 U.S.C. 1691) forbids to score by sex, marital status, age and national
 * origin: `personal` holds the first two, and `foreign_worker` stands for the last. The other two are the name of the row
 * and the answer.
 */
const EXCLUDED = new Set(["applicant_id", "personal", "age", "foreign_worker", "class"]);

/** Reads the table; no field of it is quoted. */
export function readApplicants(csv) {
  const [header, ...lines] = csv.trimEnd().split(/\r?\n/);
  const names = header.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, index) => [names[index], value])));
}

/** 1 is a loan that went bad: what the model predicts. */
export function isBad(applicant) {
  return applicant.class === "bad" ? 1 : 0;
}

/** Learns the features from training rows alone: mean and spread of a number, categories of a text. */
export function fitFeatures(rows) {
  const names = Object.keys(rows[0]).filter((name) => !EXCLUDED.has(name));
  return names.map((name) => {
    const values = rows.map((row) => row[name]);
    if (!values.every((value) => /^-?\d+(\.\d+)?$/.test(value)))
      return { name, categories: [...new Set(values)].sort((a, b) => (a < b ? -1 : 1)) };
    const numbers = values.map(Number);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
    return { name, mean, sd: Math.sqrt(variance) || 1 };
  });
}

/** One row of features: numbers standardised, a text as one column for each category; one never seen in training is all 0. */
export function encodeRow(features, row) {
  return features.flatMap(({ name, categories, mean, sd }) =>
    categories ? categories.map((category) => Number(row[name] === category)) : [(Number(row[name]) - mean) / sd],
  );
}
