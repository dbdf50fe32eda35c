/* The words of the page, from the server's catalogue of words. */

let catalogue = {};

export async function loadWords() {
  const answer = await fetch('/words.json');
  const words = await answer.json();
  catalogue = flat(words.page && typeof words.page === 'object' ? { ...words, ...words.page } : words);
  const lang = words.language || words.lang;
  if (typeof lang === 'string') document.documentElement.lang = lang;
  document.title = t('title');
}

function flat(words, prefix = '', into = {}) {
  for (const [key, value] of Object.entries(words)) {
    if (value && typeof value === 'object') flat(value, `${prefix}${key}.`, into);
    else into[prefix + key] = String(value);
  }
  return into;
}

/* The words for `key` in the page's section; {name} is filled in. An unknown key shows itself, so that it is noticed. */
export function t(key, values = {}) {
  const text = catalogue[key] ?? catalogue[`page.${key}`] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/* The same for one and for many: `key_one`, `key_many`. */
export const many = (key, n) => t(n === 1 ? `${key}_one` : `${key}_many`, { n });

/* The name of a day of the week, 0 for Monday; or its letter. */
export const weekday = (n, form = 'weekdays') => t(`calendar.${form}`).split(', ')[n];

export const lang = () => document.documentElement.lang || 'en';
