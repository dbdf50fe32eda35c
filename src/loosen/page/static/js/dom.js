/* Small helpers to build the page. */

/* An element: h('p', { class: 'lead' }, 'text', child...). Attributes that are false or null are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/* Change a text only when it changed: a live screen is told up to twenty times a second. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setHidden(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/* Whether a session is under way: outlives a reload of this tab, and only that. */
export const underWay = {
  get() { try { return sessionStorage.getItem('loosen.under-way') === 'yes'; } catch { return false; } },
  set(on) {
    try {
      if (on) sessionStorage.setItem('loosen.under-way', 'yes');
      else sessionStorage.removeItem('loosen.under-way');
    } catch { /* then a reload goes without a word */ }
  },
};

/* Remember small choices; without storage they last as long as the page. */
const kept = new Map();
export const memory = {
  get(name) {
    try { return localStorage.getItem(`loosen.${name}`) ?? kept.get(name) ?? null; } catch { return kept.get(name) ?? null; }
  },
  set(name, value) {
    kept.set(name, value);
    try { localStorage.setItem(`loosen.${name}`, value); } catch { /* kept in memory */ }
  },
};
